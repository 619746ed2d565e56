import { defaultCrypto } from '#crypto';
import type { CryptoProvider } from '../crypto/provider.ts';
import { ConfigurationError } from '../errors.ts';
import { createKeyRing, type RootSecret } from '../keys/key-ring.ts';
import { assertOptions, type OptionNames } from '../option-names.ts';
import { type RandomBytes, systemRandom } from '../random.ts';
import { callStore } from '../store/call.ts';
import { newCallId } from '../store/call-id.ts';
import { assertId } from '../store/id.ts';
import { validateRateLimit } from '../store/rate-limit.ts';
import type { RateLimit, RateLimitOutcome, RateLimitStore } from '../store/rate-limit-store.ts';
import { encodeTriples } from '../token/base64url.ts';
import { utf8 } from '../token/bytes.ts';

/** Options of {@link createRateLimiter}. `store` and `secrets` are required. */
export interface RateLimiterOptions {
  /** An adapter's store, or anything with its `rateLimits` part. */
  readonly store: { readonly rateLimits: RateLimitStore };
  /** The root secrets, newest first. When another one becomes active, every bucket is full again. */
  readonly secrets: readonly RootSecret[];
  readonly random?: RandomBytes | undefined;
  readonly crypto?: CryptoProvider | undefined;
}

/** Limits how often a subject may do something, counted over all nodes together. */
export interface RateLimiter {
  /**
   * Takes tokens from the bucket of a subject (an address, an account) for an action. The store
   * receives a keyed hash of both.
   *
   * @throws InvalidInputError for an invalid limit or an empty action or subject, StoreUnavailableError: the count is unknown then,
   *   so refuse the action
   */
  consume(action: string, subject: string, limit: RateLimit): Promise<RateLimitOutcome>;
}

const optionNames: OptionNames<RateLimiterOptions> = { store: 1, secrets: 1, random: 1, crypto: 1 };

/** In bytes: enough that no two subjects with the same key can be found. */
const keyLength = 18;

/**
 * Creates a rate limiter (token buckets) over a store.
 *
 * @example
 * ```ts
 * const limiter = createRateLimiter({ store, secrets: [process.env.PAWL_SECRET] });
 * const limit = { capacity: 5, refillInterval: 60_000 };
 * const { allowed, retryAfter } = await limiter.consume('login', ipAddress, limit);
 * ```
 *
 * @throws ConfigurationError, naming the option.
 */
export const createRateLimiter = (options: RateLimiterOptions): RateLimiter => {
  assertOptions(options, optionNames);
  const store = options.store?.rateLimits;
  if (!store) throw new ConfigurationError('store', 'needs rate limits');
  const { random = systemRandom, crypto = defaultCrypto } = options;
  const { active } = createKeyRing(options.secrets ?? [], { crypto });
  return {
    consume: async (action, subject, limit) => {
      assertId('action', action);
      // Without it, everybody would share one bucket.
      assertId('subject', subject);
      // Validate here too: an invalid limit must not be reported as a failure of the store.
      validateRateLimit(limit);
      const hash = active.hmac('rate', utf8(JSON.stringify([action, subject])));
      const key = encodeTriples(hash.subarray(0, keyLength));
      return callStore(() => store.consume(key, limit, newCallId(random)));
    },
  };
};
