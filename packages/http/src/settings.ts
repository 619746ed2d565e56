import type { Clock } from '@pawl/core';
import type { ApiKeys } from '@pawl/core/api-keys';
import type { ClientAddress } from './client-address/client-address.ts';
import type { CookiePolicy } from './cookies/policy.ts';
import type { CsrfCheck } from './csrf/verdict.ts';
import type { Dpop } from './dpop/dpop.ts';
import type { HttpEventDraft } from './events.ts';
import type { Issuer } from './issuer/issuer.ts';
import type { OAuthSettings } from './oauth/options.ts';
import type { OpenApiInfo } from './openapi/info.ts';
import type { Delivery } from './options.ts';
import type { RateLimits } from './rate-limit/rate-limits.ts';

/** Cookies, and the check that everything that relies on them has to pass. */
export interface CookieSettings {
  readonly policy: CookiePolicy;
  readonly csrf: CsrfCheck;
  /** Whether the check covers safe methods too. */
  readonly everyMethod: boolean;
}

/** What everything here works with. */
export interface HttpSettings<Claims, Data> {
  readonly issuer: Issuer<Claims, Data>;
  readonly apiKeys: ApiKeys<Claims> | undefined;
  readonly dpop: Dpop | undefined;
  /** Null for a service that takes tokens from the header only. */
  readonly cookies: CookieSettings | null;
  readonly deliver: Delivery;
  /** Without a slash at its end; empty for the root. */
  readonly authPath: string;
  /** In bytes. */
  readonly bodyLimit: number;
  readonly clearSiteData: boolean;
  /** Null: neither revocation nor introspection is offered. */
  readonly oauth: OAuthSettings | null;
  /** Null: no document is served. */
  readonly openapi: OpenApiInfo | null;
  readonly clientAddress: ClientAddress;
  readonly rateLimits: RateLimits | undefined;
  readonly clock: Clock;
  readonly emit: (event: HttpEventDraft) => void;
}

/** {@link HttpSettings} where the application's types do not matter. */
export type AnyHttpSettings = HttpSettings<unknown, unknown>;
