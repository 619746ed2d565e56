import type { Clock, Sessions, WaitUntil } from '@pawl/core';
import type { ApiKeys } from '@pawl/core/api-keys';
import type { AccessTokens } from '@pawl/core/jwt';
import type { BlocklistRevoker } from '@pawl/core/store';
import type { ClientAddressOptions } from './client-address/client-address.ts';
import type { CookieOptions } from './cookies/policy.ts';
import type { CsrfOptions } from './csrf/verdict.ts';
import type { Dpop } from './dpop/dpop.ts';
import type { HttpEventListener } from './events.ts';
import type { OAuthOptions } from './oauth/options.ts';
import type { OpenApiInfo } from './openapi/info.ts';
import type { RateLimitOptions } from './rate-limit/options.ts';

/** Where tokens are delivered: in cookies, in the JSON body, or in both. */
export type Delivery = 'cookies' | 'body' | 'both';

/**
 * Options of `createHttp`. Required: `sessions` or `accessTokens`, and `origin` unless `cookies` is
 * false.
 */
export interface HttpOptions<Claims, Data> extends CsrfOptions, ClientAddressOptions {
  /** The result of `createSessions` of `@pawl/core`. */
  readonly sessions?: Sessions<Claims, Data> | undefined;
  /**
   * The result of `createAccessTokens` of `@pawl/core/jwt`, for a service without sessions: a login
   * creates an access token only, which cannot be refreshed or listed.
   */
  readonly accessTokens?: AccessTokens<Claims> | undefined;
  /**
   * With `accessTokens`: the store whose blocklist a logout adds the token to. Give the same store
   * to `createAccessTokens`. Default none: a logout clears the cookie, and the token stays valid
   * until it expires.
   */
  readonly blocklist?: { readonly blocklist: BlocklistRevoker } | undefined;
  /**
   * The result of `createApiKeys`. Keys are accepted in the `Authorization` header only. Default
   * none.
   */
  readonly apiKeys?: ApiKeys<Claims> | undefined;
  /**
   * The result of `createDpop` of `@pawl/http/dpop`: accepts tokens that are bound to a key, with a
   * proof of that key. Default none: they are refused.
   */
  readonly dpop?: Dpop | undefined;
  /**
   * The origin of the service as browsers see it, such as `https://app.example.com` or
   * `http://localhost:8080`. It decides about `Secure`, cookie prefixes and which requests come
   * from the service's own pages. Required unless `cookies` is false.
   */
  readonly origin?: string | undefined;
  /**
   * Accepts `http` in `origin` and `allowedOrigins` on every host, for development on a LAN or in
   * containers: tokens and cookies then travel in the clear, and without `Secure`. Default false.
   */
  readonly dangerouslyAllowPlainHttp?: boolean | undefined;
  /**
   * How tokens go by cookie; `false` for a service that accepts tokens in the header only. Default:
   * one session cookie, which guards rotate; without sessions, one cookie with the access token.
   */
  readonly cookies?: CookieOptions | false | undefined;
  /**
   * Where a login delivers tokens, unless the call says otherwise. Default `cookies`; `body`
   * without cookies.
   */
  readonly deliver?: Delivery | undefined;
  /** The path prefix of the session routes. Default `/auth`; `/` for the root. */
  readonly authPath?: string | undefined;
  /**
   * The path of the public keys. Give each Pawl of an application another one, or `false` for no
   * route. Default `/.well-known/jwks.json`.
   */
  readonly jwksPath?: string | false | undefined;
  /**
   * Path prefix that a proxy or mount strips before requests reach the routes, such as `/api`.
   * Cookies that an earlier version set are cleared below it. Default none.
   */
  readonly pathPrefix?: string | undefined;
  /**
   * In bytes: the maximum length of the bodies that the session routes read. Default 8,192; at
   * least 512.
   */
  readonly bodyLimit?: number | undefined;
  /**
   * Token revocation (RFC 7009) and introspection (RFC 7662) for your own clients. Default none.
   */
  readonly oauth?: OAuthOptions | undefined;
  /**
   * Serves an OpenAPI document of the routes at `authPath` + `/openapi.json`, with this title and
   * version. Default: not served; `http.openapi()` returns it anyway.
   */
  readonly openapi?: OpenApiInfo | undefined;
  /**
   * Whether a logout also empties the browser's cache and storage (`Clear-Site-Data`). Default
   * false.
   */
  readonly clearSiteData?: boolean | undefined;
  /** Limits how often one client may use the session routes and `login`. Default: no limit. */
  readonly rateLimits?: RateLimitOptions | undefined;
  /**
   * Called for refused origins, duplicated cookies, invalid proofs, reached limits and failed
   * requests.
   */
  readonly onEvent?: HttpEventListener | undefined;
  /**
   * Receives every promise of this package that outlives a response: what `onEvent` returns. Required
   * in effect on serverless platforms; `createSessions` has the same option. Default: none.
   */
  readonly waitUntil?: WaitUntil | undefined;
  /** The current time in ms since the epoch. Default: the system clock. */
  readonly clock?: Clock | undefined;
}
