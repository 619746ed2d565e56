import type { RateLimitOptions, RateLimitPolicy } from '@pawl/http';

/** The rate limits of the demo's own routes. */
export type LimitName = 'login' | 'sign-up' | 'password' | 'code';

/**
 * Each name has one bucket per client address. All people in a household may share one; so does a
 * program that guesses passwords or signs up many users.
 */
export const limits: Readonly<Record<LimitName, RateLimitPolicy>> = {
  login: { limit: 10, burst: 10 },
  'sign-up': { limit: 5, burst: 10 },
  // Routes where a logged-in user enters the password.
  password: { limit: 10, burst: 10 },
  // Each code is a row in the store, and a message to a user.
  code: { limit: 5, burst: 5 },
};

/** The limits of Pawl's routes. They allow for several open pages, and for many refreshes. */
export const sessionLimits: Pick<RateLimitOptions, 'policy' | 'routes'> = {
  policy: { limit: 300, burst: 60 },
  routes: { login: limits.login, refresh: { limit: 120, burst: 60 } },
};
