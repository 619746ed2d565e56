import { type Clock, ConfigurationError, systemClock } from '@pawl/core';
import { assertOptions, type OptionNames } from '@pawl/core/internal';
import type { Store } from '@pawl/core/store';
import { MemoryApiKeyStore } from './api-keys.ts';
import { MemoryBlocklistStore } from './blocklist.ts';
import { MemoryLeaseStore } from './leases.ts';
import { MemoryRateLimitStore } from './rate-limits.ts';
import { MemorySessionStore } from './sessions.ts';
import { MemorySingleUseStore } from './single-use.ts';

/**
 * Options of {@link createMemoryStore}. Revoked and expired entries count towards a maximum until
 * `deleteExpired` deletes them.
 */
export interface MemoryStoreOptions {
  /** Returns the store's time in ms since the epoch. Default: the clock of this machine. */
  readonly clock?: Clock | undefined;
  /** Maximum number of sessions, about 1 kB each. Default: 100,000. */
  readonly maxSessions?: number | undefined;
  /** Maximum number of ids on the blocklist. Default: 100,000. */
  readonly maxBlocked?: number | undefined;
  /** Maximum number of single-use values. Default: 100,000. */
  readonly maxSingleUse?: number | undefined;
  /** Maximum number of API keys. Default: 100,000. */
  readonly maxApiKeys?: number | undefined;
  /** Maximum number of leases. Default: 10,000. */
  readonly maxLeases?: number | undefined;
  /**
   * Maximum number of rate-limit buckets. If there are more, the least recently used one is deleted.
   * Default: 100,000.
   */
  readonly maxRateLimits?: number | undefined;
}

/** A store in memory, created by {@link createMemoryStore}. */
export interface MemoryStore extends Store {
  /** Removes all listeners of revocations. May be called twice. */
  close(): Promise<void>;
}

const optionNames: OptionNames<MemoryStoreOptions> = {
  clock: 1,
  maxSessions: 1,
  maxBlocked: 1,
  maxSingleUse: 1,
  maxApiKeys: 1,
  maxLeases: 1,
  maxRateLimits: 1,
};

/**
 * Creates a store in the memory of this process, for tests, demos and services of one process that may
 * lose all sessions when they restart. A full part throws `StoreFullError` unless entries have expired.
 *
 * It is also the adapter to copy. JavaScript runs one verb at a time, so a verb is atomic if *its body has
 * no `await`*. An adapter for a server gets the same atomicity from one script, statement or transaction.
 *
 * @throws {ConfigurationError} if a maximum is not a whole number of at least 1
 * @example
 * const store = createMemoryStore({ maxSessions: 50_000 });
 * const sessions = createSessions({ store, secrets: [generateSecret()] });
 */
export const createMemoryStore = (options: MemoryStoreOptions = {}): MemoryStore => {
  assertOptions(options, optionNames);
  const clock = options.clock ?? systemClock;
  const maximum = (
    name: Exclude<keyof MemoryStoreOptions, 'clock'>,
    fallback: number = 100_000,
  ): number => {
    const max = options[name] ?? fallback;
    if (Number.isSafeInteger(max) && max >= 1) return max;
    throw new ConfigurationError(name, 'must be a whole number of at least 1');
  };
  const sessions = new MemorySessionStore(clock, maximum('maxSessions'));
  return {
    sessions,
    blocklist: new MemoryBlocklistStore(clock, maximum('maxBlocked')),
    singleUse: new MemorySingleUseStore(clock, maximum('maxSingleUse')),
    apiKeys: new MemoryApiKeyStore(clock, maximum('maxApiKeys')),
    leases: new MemoryLeaseStore(clock, maximum('maxLeases', 10_000)),
    rateLimits: new MemoryRateLimitStore(clock, maximum('maxRateLimits')),
    close: async () => sessions.close(),
  };
};
