import type { Clock, WaitUntil } from '@pawl/core';
import type { ApiKeys } from '@pawl/core/api-keys';
import type { ClientAddress } from './client-address/client-address.ts';
import type { FirstEditionCookies } from './cookies/first-edition.ts';
import type { CookiePolicy } from './cookies/policy.ts';
import type { CsrfCheck } from './csrf/verdict.ts';
import type { Dpop } from './dpop/dpop.ts';
import type { HttpEventDraft } from './events.ts';
import type { Issuer } from './issuer/issuer.ts';
import type { OAuthSettings } from './oauth/options.ts';
import type { OpenApiInfo } from './openapi/info.ts';
import type { Delivery } from './options.ts';
import type { RateLimits } from './rate-limit/rate-limits.ts';

/** The cookies, and the check that protects requests that rely on them. */
export interface CookieSettings {
  readonly policy: CookiePolicy;
  /** The cookies of earlier versions, which are still accepted; null without sessions. */
  readonly firstEdition: FirstEditionCookies | null;
  /** The paths, other than `/`, on which an earlier version may have left a cookie of our name. */
  readonly stalePaths: readonly string[];
  readonly csrf: CsrfCheck;
  /** Whether the check also applies to safe methods. */
  readonly everyMethod: boolean;
}

/** The validated options of `createHttp`, which every part of this package works with. */
export interface HttpSettings<Claims, Data> {
  readonly issuer: Issuer<Claims, Data>;
  readonly apiKeys: ApiKeys<Claims> | undefined;
  readonly dpop: Dpop | undefined;
  /** Null for a service that accepts tokens in the header only. */
  readonly cookies: CookieSettings | null;
  readonly deliver: Delivery;
  /** Without a slash at the end; empty for the root. */
  readonly authPath: string;
  /** Null for no route. */
  readonly jwksPath: string | null;
  /** In bytes. */
  readonly bodyLimit: number;
  readonly clearSiteData: boolean;
  /** Null without revocation and introspection. */
  readonly oauth: OAuthSettings | null;
  /** Null if no document is served. */
  readonly openapi: OpenApiInfo | null;
  readonly clientAddress: ClientAddress;
  readonly rateLimits: RateLimits | undefined;
  readonly clock: Clock;
  readonly emit: (event: HttpEventDraft, ofRequest?: WaitUntil) => void;
}

/** {@link HttpSettings} where the application's types do not matter. */
export type AnyHttpSettings = HttpSettings<unknown, unknown>;
