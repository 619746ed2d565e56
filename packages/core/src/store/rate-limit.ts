import { InvalidInputError } from '../errors.ts';
import type { RateLimit, RateLimitOutcome } from './rate-limit-store.ts';

/** What a call does to a bucket. */
export interface RateLimitDecision {
  /** When the bucket is full again, in ms since the epoch: the number to be stored. */
  readonly fullAt: number;
  readonly outcome: RateLimitOutcome;
}

/** In ms: sums with it stay whole numbers in every store, and no bucket is kept for ever. */
const longestRefill = 400 * 86_400_000;

/**
 * Takes tokens from a bucket, or refuses and takes none. A number that is further away
 * than an empty bucket can be (a smaller limit now, a clock that was set back) counts as empty.
 *
 * @param fullAt what was stored, or null where there is nothing
 * @param sentAgain whether this call has taken its tokens before: it takes no more then
 * @throws InvalidInputError for an invalid limit
 */
export const applyRateLimit = (
  fullAt: number | null,
  limit: RateLimit,
  now: number,
  sentAgain: boolean = false,
): RateLimitDecision => {
  const { capacity, refillInterval, cost } = validateRateLimit(limit);
  const empty = capacity * refillInterval;
  const before = Math.min(Math.max((fullAt ?? now) - now, 0), empty);
  const taken = before + (sentAgain ? 0 : cost * refillInterval);
  const allowed = taken <= empty;
  const resetAfter = allowed ? taken : before;
  return {
    fullAt: now + resetAfter,
    outcome: {
      allowed,
      remaining: Math.floor((empty - resetAfter) / refillInterval),
      retryAfter: allowed ? 0 : taken - empty,
      resetAfter,
    },
  };
};

/**
 * A limit with its default filled in: an adapter that decides elsewhere calls this first.
 *
 * @throws InvalidInputError for what is no whole number of at least 1, a cost beyond the
 *   capacity (it could never be paid), and a bucket that takes over 400 days to fill
 */
export const validateRateLimit = ({
  capacity,
  refillInterval,
  cost = 1,
}: RateLimit): RateLimit & { readonly cost: number } => {
  const limit = { capacity, refillInterval, cost };
  for (const [argument, value] of Object.entries(limit)) {
    if (!(Number.isSafeInteger(value) && value >= 1)) {
      throw new InvalidInputError(argument, 'must be a whole number of at least 1');
    }
  }
  if (cost > capacity) throw new InvalidInputError('cost', 'must not be above the capacity');
  if (capacity * refillInterval > longestRefill) {
    throw new InvalidInputError('refillInterval', 'must let the bucket fill within 400 days');
  }
  return limit;
};
