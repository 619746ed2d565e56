import type { RateLimit } from '@pawl/core/rate-limits';
import { createRateLimiter } from '@pawl/core/rate-limits';
import type { Config } from '../config.ts';
import type { Keys } from '../keys/keys.ts';
import type { Storage } from '../storage/storage.ts';
import { keyOf } from '../users/user-table.ts';
import { DemoError } from './demo-error.ts';

/** What is counted per account, from whatever addresses it comes. */
export type AccountAction = 'login' | 'password' | 'code';

/**
 * A program that guesses from many addresses draws from the bucket of its one victim. A bucket is
 * large enough for people, and refills, because an attacker who empties it also locks the owner out of new
 * logins for that time. Sessions that exist are not affected.
 */
const buckets: Readonly<Record<AccountAction, RateLimit>> = {
  // 20 at once, then two a minute.
  login: { capacity: 20, refillInterval: 30_000 },
  // Where a logged-in user enters the password: only who has a session can draw from it.
  password: { capacity: 20, refillInterval: 30_000 },
  // Each is a message to the user.
  code: { capacity: 5, refillInterval: 60_000 },
};

/**
 * Counts an attempt on an account, before anything is looked up: unknown names are counted, too.
 *
 * @throws DemoError with 429, StoreUnavailableError
 */
export type LimitAccount = (action: AccountAction, username: string) => Promise<void>;

/** Creates the limits of accounts. @param onRefusal called with the action */
export const createAccountLimits = (
  { store }: Pick<Storage, 'store'>,
  { rateLimits }: Pick<Config, 'rateLimits'>,
  { secret }: Pick<Keys, 'secret'>,
  onRefusal: (action: AccountAction) => void,
): LimitAccount => {
  if (!rateLimits) return async () => {};
  const limiter = createRateLimiter({ store, secrets: [secret] });
  return async (action, username) => {
    const { allowed, retryAfter } = await limiter.consume(
      `account-${action}`,
      keyOf(username),
      buckets[action],
    );
    if (allowed) return;
    onRefusal(action);
    throw new DemoError(429, 'rate_limited', 'too many attempts for this account', {
      'retry-after': `${Math.ceil(retryAfter / 1_000)}`,
    });
  };
};
