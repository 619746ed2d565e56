import type { Clock, Sessions } from '@pawl/core';
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

/** Where tokens go: into two cookies, into the JSON body, or, only if asked for, both. */
export type Delivery = 'cookies' | 'body' | 'both';

/**
 * Everything that HTTP can be told. `sessions` or `accessTokens` is needed, and `origin`
 * wherever there are cookies.
 */
export interface HttpOptions<Claims, Data> extends CsrfOptions, ClientAddressOptions {
  /** What `createSessions` of `@pawl/core` returned. */
  readonly sessions?: Sessions<Claims, Data> | undefined;
  /**
   * What `createAccessTokens` of `@pawl/core/jwt` returned, for a service without
   * sessions: login gives an access token only, which nothing refreshes or lists.
   */
  readonly accessTokens?: AccessTokens<Claims> | undefined;
  /**
   * A store with a `blocklist` part, the one that `accessTokens` check, too: a logout lists the
   * access token there. Default none: a logout clears the cookie, and the token is good until it
   * expires.
   */
  readonly blocklist?: { readonly blocklist: BlocklistRevoker } | undefined;
  /** Accepted in the `Authorization` header only. Default: there are none. */
  readonly apiKeys?: ApiKeys<Claims> | undefined;
  /**
   * What `createDpop` of `@pawl/http/dpop` returned: tokens that are bound to a key are accepted
   * with a proof of it. Default: they are refused.
   */
  readonly dpop?: Dpop | undefined;
  /**
   * The service's own origin, as browsers name it: `https://app.example.com`, or
   * `http://localhost:8080`. Decides on `Secure`, on cookie prefixes, and on which
   * requests are the service's own. Needed unless `cookies` is false.
   */
  readonly origin?: string | undefined;
  /** Names and paths; `false` for a service that takes tokens from the header only. */
  readonly cookies?: CookieOptions | false | undefined;
  /** Where login delivers to, unless a call says otherwise. Default `cookies`, if there are any. */
  readonly deliver?: Delivery | undefined;
  /** What the paths of the session routes begin with. Default `/auth`; `/` for the root. */
  readonly authPath?: string | undefined;
  /**
   * What stands before `authPath` in a browser and not in a request as the routes
   * see it: a proxy or a sub-application that strips a prefix. Default none.
   */
  readonly pathPrefix?: string | undefined;
  /** In bytes: how long a body the routes read. Default 8,192. */
  readonly bodyLimit?: number | undefined;
  /** Token revocation (RFC 7009) and introspection (RFC 7662) for your clients. Default: neither. */
  readonly oauth?: OAuthOptions | undefined;
  /**
   * Serves an OpenAPI document of the routes at `authPath` + `/openapi.json`, and says this
   * of it. Default: it is not served; `http.openapi()` makes it all the same.
   */
  readonly openapi?: OpenApiInfo | undefined;
  /** Whether logout also empties the browser's cache and storage (`Clear-Site-Data`). Default no. */
  readonly clearSiteData?: boolean | undefined;
  /** How often a client may come to the session routes, and may log in. Default: there is no limit. */
  readonly rateLimits?: RateLimitOptions | undefined;
  /** Hears of refused origins, planted cookies, reached limits and failed requests. */
  readonly onEvent?: HttpEventListener | undefined;
  readonly clock?: Clock | undefined;
}
