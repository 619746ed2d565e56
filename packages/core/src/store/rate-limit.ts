import { InvalidInputError } from '../errors.ts';
import type { RateLimit, RateLimitOutcome } from './rate-limit-store.ts';

/** The effect of a call on a bucket. */
export interface RateLimitDecision {
  /** When the bucket is full again, in ms since the epoch: store this number. */
  readonly fullAt: number;
  readonly outcome: RateLimitOutcome;
}

/** In ms: bounds how long a bucket is kept, and keeps sums exact in every store. */
const longestRefill = 400 * 86_400_000;

/**
 * Takes tokens from a bucket, or refuses and takes none. A stored time that is later than an empty
 * bucket allows (the limit is smaller now, or the clock was set back) counts as an empty bucket.
 *
 * @param fullAt the stored number, or null if there is none
 * @param sentAgain whether the call is sent again: it has taken its tokens and takes no more. Default false
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
 * Returns a limit with its default filled in. An adapter that decides in a script or a statement
 * calls it first.
 *
 * @throws InvalidInputError for anything but whole numbers of at least 1, a cost above the capacity
 *   (it could never be allowed), and a bucket that takes over 400 days to fill
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
