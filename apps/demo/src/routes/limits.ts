import type { RateLimitOptions, RateLimitPolicy } from '@pawl/http';

/** What a client may ask of the demo's own routes only so often. */
export type LimitName = 'login' | 'sign-up' | 'password' | 'code';

/**
 * Each name has a bucket per client. A household may be one client; whoever tries
 * passwords or fills the table of users is one, too.
 */
export const limits: Readonly<Record<LimitName, RateLimitPolicy>> = {
  login: { limit: 10, burst: 10 },
  'sign-up': { limit: 5, burst: 10 },
  // Where somebody who is logged in types the password.
  password: { limit: 10, burst: 10 },
  // Each one is a row, and a message to somebody.
  code: { limit: 5, burst: 5 },
};

/** Of Pawl's own routes: room for several open pages, and for one that plays with refreshing. */
export const sessionLimits: Pick<RateLimitOptions, 'policy' | 'routes'> = {
  policy: { limit: 300, burst: 60 },
  routes: { login: limits.login, refresh: { limit: 120, burst: 60 } },
};
