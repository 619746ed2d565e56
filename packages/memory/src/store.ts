import { type Clock, ConfigurationError, systemClock } from '@pawl/core';
import type { Store } from '@pawl/core/store';
import { MemoryApiKeyStore } from './api-keys.ts';
import { MemoryBlocklistStore } from './blocklist.ts';
import { MemoryLeaseStore } from './leases.ts';
import { MemoryRateLimitStore } from './rate-limits.ts';
import { MemorySessionStore } from './sessions.ts';
import { MemorySingleUseStore } from './single-use.ts';

/** How much each part holds, revoked and expired entries included until a sweep removes them. */
export interface MemoryStoreOptions {
  /** Answers ms since the epoch. Default: the machine's clock. */
  readonly clock?: Clock;
  /** Default 100,000, about 1 kB each. */
  readonly maxSessions?: number;
  /** Default 100,000. */
  readonly maxBlocked?: number;
  /** Default 100,000. */
  readonly maxSingleUse?: number;
  /** Default 100,000. */
  readonly maxApiKeys?: number;
  /** Default 10,000. */
  readonly maxLeases?: number;
  /** Buckets. Default 100,000. One more, and the one least recently used is forgotten. */
  readonly maxRateLimits?: number;
}

/**
 * A store in the memory of this process: for tests, for demos, for a service
 * of one process that may forget everybody when it restarts.
 *
 * It is also the adapter to copy. JavaScript runs one verb at a time, so each
 * verb here is atomic for one reason only: *there is no `await` in its body*.
 * An adapter that talks to a server finds the same atomicity in one script,
 * one statement or one transaction.
 *
 * @throws ConfigurationError if a bound is not a whole number of at least 1.
 */
export const createMemoryStore = (options: MemoryStoreOptions = {}): Store => {
  const clock = options.clock ?? systemClock;
  const bound = (
    name: Exclude<keyof MemoryStoreOptions, 'clock'>,
    otherwise: number = 100_000,
  ): number => {
    const max = options[name] ?? otherwise;
    if (Number.isSafeInteger(max) && max >= 1) return max;
    throw new ConfigurationError(name, 'must be a whole number of at least 1');
  };
  return {
    sessions: new MemorySessionStore(clock, bound('maxSessions')),
    blocklist: new MemoryBlocklistStore(clock, bound('maxBlocked')),
    singleUse: new MemorySingleUseStore(clock, bound('maxSingleUse')),
    apiKeys: new MemoryApiKeyStore(clock, bound('maxApiKeys')),
    leases: new MemoryLeaseStore(clock, bound('maxLeases', 10_000)),
    rateLimits: new MemoryRateLimitStore(clock, bound('maxRateLimits')),
  };
};
