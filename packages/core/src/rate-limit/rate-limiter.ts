import { defaultCrypto } from '#crypto';
import type { CryptoProvider } from '../crypto/provider.ts';
import { ConfigurationError } from '../errors.ts';
import { createKeyRing, type RootSecret } from '../keys/key-ring.ts';
import { type RandomBytes, systemRandom } from '../random.ts';
import { callStore } from '../store/call.ts';
import { newCallId } from '../store/call-id.ts';
import { validateRateLimit } from '../store/rate-limit.ts';
import type { RateLimit, RateLimitOutcome, RateLimitStore } from '../store/rate-limit-store.ts';
import { encodeTriples } from '../token/base64url.ts';
import { utf8 } from '../token/bytes.ts';

export interface RateLimiterOptions {
  readonly store: { readonly rateLimits: RateLimitStore };
  /** The root secrets, newest first. When another one becomes active, all buckets are full again. */
  readonly secrets: readonly RootSecret[];
  readonly random?: RandomBytes | undefined;
  readonly crypto?: CryptoProvider | undefined;
}

/** Counts what may be done so often only, on all nodes together. */
export interface RateLimiter {
  /**
   * Takes tokens from the bucket that a subject (an address, an account) has for
   * an action. The store sees a keyed hash of both.
   *
   * @throws InvalidInputError for a limit that is none, StoreUnavailableError:
   *   refuse then, for nobody knows
   */
  consume(action: string, subject: string, limit: RateLimit): Promise<RateLimitOutcome>;
}

/** In bytes: two subjects that share a bucket are not to be found. */
const keyLength = 18;

/** @throws ConfigurationError, naming the option. */
export const createRateLimiter = (options: RateLimiterOptions): RateLimiter => {
  const store = options.store?.rateLimits;
  if (!store)
    throw new ConfigurationError('store', 'a store with a part for rate limits is needed');
  const { random = systemRandom, crypto = defaultCrypto } = options;
  const { active } = createKeyRing(options.secrets ?? [], { crypto });
  return {
    consume: async (action, subject, limit) => {
      // Here too: a wrong limit is not the store's failure, whatever the store makes of it.
      validateRateLimit(limit);
      const hash = active.hmac('rate', utf8(JSON.stringify([action, subject])));
      const key = encodeTriples(hash.subarray(0, keyLength));
      return callStore(() => store.consume(key, limit, newCallId(random)));
    },
  };
};
