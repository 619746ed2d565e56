import { ConfigurationError, type Sessions, systemClock } from '@pawl/core';
import { assertOptions, createNotifier, type OptionNames } from '@pawl/core/internal';
import { createClientAddress } from './client-address/client-address.ts';
import { firstEditionCookies } from './cookies/first-edition.ts';
import { createCookiePolicy } from './cookies/policy.ts';
import { isCookiePath } from './cookies/serialize.ts';
import { createCsrfCheck } from './csrf/verdict.ts';
import type { Dpop } from './dpop/dpop.ts';
import { createIssuer } from './issuer/create-issuer.ts';
import { createOAuthSettings, type OAuthOptions } from './oauth/options.ts';
import type { OpenApiInfo } from './openapi/info.ts';
import type { Delivery, HttpOptions } from './options.ts';
import { validateOrigin } from './origin.ts';
import type { RateLimitOptions } from './rate-limit/options.ts';
import { policyNames } from './rate-limit/policy.ts';
import { createRateLimits } from './rate-limit/rate-limits.ts';
import type { CookieSettings, HttpSettings } from './settings.ts';

const optionNames: OptionNames<HttpOptions<never, never>> = {
  sessions: 1,
  accessTokens: 1,
  blocklist: 1,
  apiKeys: 1,
  dpop: 1,
  origin: 1,
  dangerouslyAllowPlainHttp: 1,
  // What it may contain depends on its mode.
  cookies: 1,
  deliver: 1,
  authPath: 1,
  jwksPath: 1,
  pathPrefix: 1,
  bodyLimit: 1,
  oauth: { clients: 1, revocation: 1, introspection: 1 } satisfies OptionNames<OAuthOptions>,
  openapi: { title: 1, version: 1, description: 1, servers: 1 } satisfies OptionNames<OpenApiInfo>,
  clearSiteData: 1,
  rateLimits: {
    store: 1,
    secrets: 1,
    policy: policyNames,
    routes: 1,
    ipv6Prefix: 1,
  } satisfies OptionNames<RateLimitOptions>,
  allowedOrigins: 1,
  missingOrigin: 1,
  requiredHeader: 1,
  trustedProxies: 1,
  forwardedHeader: 1,
  onEvent: 1,
  waitUntil: 1,
  clock: 1,
};

/**
 * Validates the options of `createHttp` and applies the defaults, for packages that bring routes
 * of their own.
 *
 * @throws ConfigurationError, naming the option
 * @example
 * const settings = createHttpSettings({ sessions, origin: 'https://app.example.com' });
 * const http = createHttpWithRoutes(settings, routes);
 */
export const createHttpSettings = <Claims, Data>(
  options: HttpOptions<Claims, Data>,
): HttpSettings<Claims, Data> => {
  assertOptions(options, optionNames);
  const { apiKeys, clock = systemClock, clearSiteData = false } = options;
  const issuer = createIssuer(options);
  const authPath = validatePath('authPath', options.authPath ?? '/auth');
  const cookies = createCookieSettings(options, authPath, issuer.sessions);
  const clientAddress = createClientAddress(options);
  return {
    issuer,
    apiKeys,
    dpop: validateDpop(options.dpop),
    cookies,
    deliver: validateDelivery(options.deliver ?? (cookies ? 'cookies' : 'body'), cookies),
    authPath,
    jwksPath: validateJwksPath(options.jwksPath ?? '/.well-known/jwks.json'),
    bodyLimit: validateBodyLimit(options.bodyLimit ?? 8_192),
    clearSiteData,
    oauth: options.oauth ? createOAuthSettings(options.oauth, issuer.canRevoke) : null,
    openapi: options.openapi ?? null,
    clientAddress,
    rateLimits: options.rateLimits && createRateLimits(options.rateLimits, clientAddress),
    clock,
    emit: createNotifier(options.onEvent, clock, options.waitUntil),
  };
};

const validateDpop = (dpop: Dpop | undefined): Dpop | undefined => {
  if (dpop !== undefined && typeof dpop?.verify !== 'function') {
    throw new ConfigurationError('dpop', 'must be what createDpop of @pawl/http/dpop returns');
  }
  return dpop;
};

const createCookieSettings = (
  options: HttpOptions<unknown, unknown>,
  authPath: string,
  sessions: Sessions<unknown, unknown> | null,
): CookieSettings | null => {
  if (options.cookies === false) {
    const dependent = [
      'allowedOrigins',
      'missingOrigin',
      'requiredHeader',
      'clearSiteData',
    ] as const;
    for (const option of dependent) {
      if (options[option]) throw new ConfigurationError(option, 'requires cookies');
    }
    return null;
  }
  if (options.origin === undefined) {
    throw new ConfigurationError('origin', 'is required unless cookies is false');
  }
  const allowPlainHttp = options.dangerouslyAllowPlainHttp === true;
  const origin = validateOrigin('origin', options.origin, allowPlainHttp);
  const prefix = validatePath('pathPrefix', options.pathPrefix ?? '/');
  const visible = `${prefix}${authPath}`;
  const policy = createCookiePolicy(
    options.cookies ?? {},
    origin,
    sessions && {
      endless: sessions.times.accessTokenLifetime === Number.POSITIVE_INFINITY,
      gracePeriod: sessions.times.gracePeriod,
    },
  );
  return {
    policy,
    firstEdition:
      policy.mode === 'session' || policy.refresh ? firstEditionCookies(policy, visible) : null,
    stalePaths: visible === '' ? [] : [visible],
    csrf: createCsrfCheck(origin, options, {
      crossSite: policy.credential.sameSite === 'None',
      allowPlainHttp,
    }),
    everyMethod: options.requiredHeader !== undefined,
  };
};

const validateJwksPath = (path: string | false): string | null => {
  if (path === false) return null;
  const valid = validatePath('jwksPath', path);
  if (valid === '') throw new ConfigurationError('jwksPath', 'must not be the root');
  return valid;
};

/** Returns a path without its last slash. @throws ConfigurationError */
const validatePath = (option: string, path: string): string => {
  if (typeof path !== 'string' || !isCookiePath(path) || path.includes('//')) {
    throw new ConfigurationError(option, 'must be a path that begins with /');
  }
  return path.endsWith('/') ? path.slice(0, -1) : path;
};

const validateDelivery = (deliver: Delivery, cookies: CookieSettings | null): Delivery => {
  if (!['cookies', 'body', 'both'].includes(deliver)) {
    throw new ConfigurationError('deliver', 'must be cookies, body or both');
  }
  if (!cookies && deliver !== 'body') {
    throw new ConfigurationError('deliver', 'must be body if cookies is false');
  }
  return deliver;
};

const validateBodyLimit = (limit: number): number => {
  // A refresh token (112 bytes) has to fit, with the JSON around it.
  if (!Number.isInteger(limit) || limit < 512) {
    throw new ConfigurationError('bodyLimit', 'must be an integer of at least 512 (bytes)');
  }
  return limit;
};
