import { type Clock, ConfigurationError, systemClock } from '@pawl/core';
import type { ApiKeys } from '@pawl/core/api-keys';
import { type ClientAddress, createClientAddress } from './client-address/client-address.ts';
import { type CookiePolicy, createCookiePolicy } from './cookies/policy.ts';
import { isCookiePath } from './cookies/serialize.ts';
import { type CsrfCheck, createCsrfCheck } from './csrf/verdict.ts';
import type { Dpop } from './dpop/dpop.ts';
import { createHttpEmitter, type HttpEventDraft } from './events.ts';
import { configuredIssuer } from './issuer/configured.ts';
import type { Issuer } from './issuer/issuer.ts';
import { type OAuthSetting, oauthSetting } from './oauth/options.ts';
import type { OpenApiInfo } from './openapi/info.ts';
import type { Delivery, HttpOptions } from './options.ts';
import { configuredOrigin } from './origin.ts';
import { createRateLimits, type RateLimits } from './rate-limit/rate-limits.ts';

/** Cookies, and the check that everything that relies on them has to pass. */
export interface CookieSetting {
  readonly policy: CookiePolicy;
  readonly csrf: CsrfCheck;
  /** Whether the check covers safe methods too. */
  readonly everyMethod: boolean;
}

/** What everything here works with. */
export interface HttpContext<Claims, Data> {
  readonly issuer: Issuer<Claims, Data>;
  readonly apiKeys: ApiKeys<Claims> | undefined;
  readonly dpop: Dpop | undefined;
  /** Null for a service that takes tokens from the header only. */
  readonly cookies: CookieSetting | null;
  readonly deliver: Delivery;
  /** Without a slash at its end; empty for the root. */
  readonly authPath: string;
  /** In bytes. */
  readonly bodyLimit: number;
  readonly clearSiteData: boolean;
  /** Null: neither revocation nor introspection is offered. */
  readonly oauth: OAuthSetting | null;
  /** Null: no document is served. */
  readonly openapi: OpenApiInfo | null;
  readonly clientAddress: ClientAddress;
  readonly rateLimits: RateLimits | undefined;
  readonly clock: Clock;
  readonly emit: (event: HttpEventDraft) => void;
}

/** @throws ConfigurationError, naming the option. */
export const createHttpContext = <Claims, Data>(
  options: HttpOptions<Claims, Data>,
): HttpContext<Claims, Data> => {
  const { apiKeys, clock = systemClock, clearSiteData = false } = options;
  const issuer = configuredIssuer(options);
  const authPath = checkedPath('authPath', options.authPath ?? '/auth');
  const cookies = createCookieSetting(options, authPath, issuer.sessions !== null);
  const clientAddress = createClientAddress(options);
  return {
    issuer,
    apiKeys,
    dpop: checkedDpop(options.dpop),
    cookies,
    deliver: checkedDelivery(options.deliver ?? (cookies ? 'cookies' : 'body'), cookies),
    authPath,
    bodyLimit: checkedBodyLimit(options.bodyLimit ?? 8_192),
    clearSiteData,
    oauth: options.oauth ? oauthSetting(options.oauth, issuer.canRevoke) : null,
    openapi: options.openapi ?? null,
    clientAddress,
    rateLimits: options.rateLimits && createRateLimits(options.rateLimits, clientAddress),
    clock,
    emit: createHttpEmitter(options.onEvent, clock),
  };
};

const checkedDpop = (dpop: Dpop | undefined): Dpop | undefined => {
  if (dpop !== undefined && typeof dpop?.verify !== 'function') {
    throw new ConfigurationError('dpop', 'must be what createDpop of @pawl/http/dpop returns');
  }
  return dpop;
};

const createCookieSetting = (
  options: HttpOptions<unknown, unknown>,
  authPath: string,
  refreshes: boolean,
): CookieSetting | null => {
  if (options.cookies === false) {
    const needy = ['allowedOrigins', 'missingOrigin', 'requiredHeader', 'clearSiteData'] as const;
    for (const option of needy) {
      if (options[option]) throw new ConfigurationError(option, 'means nothing without cookies');
    }
    return null;
  }
  if (options.origin === undefined) {
    throw new ConfigurationError('origin', 'is needed, unless cookies is false');
  }
  const origin = configuredOrigin('origin', options.origin);
  const visible = `${checkedPath('pathPrefix', options.pathPrefix ?? '/')}${authPath}`;
  return {
    policy: createCookiePolicy(
      options.cookies ?? {},
      origin,
      refreshes ? { path: visible || '/', route: `${visible}/refresh` } : null,
    ),
    csrf: createCsrfCheck(origin, options),
    everyMethod: options.requiredHeader !== undefined,
  };
};

/** A path without its last slash. */
const checkedPath = (option: string, path: string): string => {
  if (typeof path !== 'string' || !isCookiePath(path) || path.includes('//')) {
    throw new ConfigurationError(option, 'must be a path that begins with /');
  }
  return path.endsWith('/') ? path.slice(0, -1) : path;
};

const checkedDelivery = (deliver: Delivery, cookies: CookieSetting | null): Delivery => {
  if (!['cookies', 'body', 'both'].includes(deliver)) {
    throw new ConfigurationError('deliver', 'must be cookies, body or both');
  }
  if (!cookies && deliver !== 'body') {
    throw new ConfigurationError('deliver', 'must be body where cookies is false');
  }
  return deliver;
};

const checkedBodyLimit = (limit: number): number => {
  // A refresh token of 112 bytes has to fit, with the JSON around it.
  if (!Number.isInteger(limit) || limit < 512) {
    throw new ConfigurationError('bodyLimit', 'must be a whole number of at least 512 bytes');
  }
  return limit;
};
