import { ConfigurationError } from '@pawl/core';
import { assertOptions, type OptionNames } from '@pawl/core/internal';
import { type Store } from '@pawl/core/store';
import { RedisApiKeyStore } from './api-key/api-keys.ts';
import { RedisBlocklistStore } from './blocklist.ts';
import { canScript, type RedisClient } from './connection/client.ts';
import { validateClientOptions } from './connection/client-options.ts';
import { Connection } from './connection/connection.ts';
import { assertNoEviction } from './connection/eviction.ts';
import { assertPlainReplies } from './connection/probe.ts';
import { ReplicaWait, type ReplicaWaitOptions } from './connection/replica-wait.ts';
import { KeyNames } from './key-names.ts';
import { RedisLeaseStore } from './leases.ts';
import type { RedisStoreOptions } from './options.ts';
import { RedisRateLimitStore } from './rate-limits.ts';
import { RevocationFeed } from './revocation/feed.ts';
import { RedisSessionStore } from './session/sessions.ts';
import { RedisSingleUseStore } from './single-use.ts';

/** A store in Redis or Valkey, created by {@link createRedisStore}. */
export interface RedisStore extends Store {
  /**
   * Asks every master once whether it evicts keys, and runs a script to see whether the client returns
   * replies as they are. The first call of any verb does the same; call this at start-up to find a
   * misconfigured server or client before the first user does.
   *
   * @throws ConfigurationError if a server evicts keys (`maxmemory-policy` is not `noeviction`), or the
   *   client converts replies
   * @throws StoreUnavailableError if a server does not answer
   */
  check(): Promise<void>;
  /**
   * Ends everything that the store listens to: the feed, and the connections whose loss makes it repeat
   * revocations. May be called twice. The application closes its clients itself.
   */
  close(): Promise<void>;
}

/**
 * Creates a store in Redis (7 or newer) or Valkey: standalone, behind Sentinel, or a Cluster.
 * The application configures and closes the client.
 *
 * @param client an ioredis `Redis` or `Cluster`, without a `keyPrefix`
 * @throws ConfigurationError if an option is invalid; the error names the option
 * @example
 * const client = new Redis('redis://127.0.0.1:6379');
 * const store = createRedisStore(client, { subscriber: client.duplicate() });
 * await store.check();
 * const sessions = createSessions({ store, secrets: [process.env.PAWL_SECRET] });
 */
export const createRedisStore = (
  client: RedisClient,
  options: RedisStoreOptions = {},
): RedisStore => {
  assertOptions(options, optionNames);
  const { prefix = 'pawl:', heartbeat = 1_000, subscriber, wait } = options;
  const { revocationMemory = 60_000, dangerouslyAllowEviction = false } = options;
  if (!canScript(client)) {
    throw new ConfigurationError('client', 'must be a Redis or Cluster of ioredis');
  }
  validateClientOptions('client', client);
  if (typeof prefix !== 'string' || /[{}]/.test(prefix)) {
    throw new ConfigurationError('prefix', 'must be a string without { and }');
  }
  if (!(heartbeat === 0 || (heartbeat >= 10 && heartbeat <= 60_000))) {
    throw new ConfigurationError('heartbeat', 'must be 0, or between 10 and 60,000 ms');
  }
  if (!(revocationMemory >= 0 && revocationMemory <= 600_000)) {
    throw new ConfigurationError('revocationMemory', 'must be between 0 and 600,000 ms');
  }
  if (subscriber && (subscriber as unknown) === client) {
    throw new ConfigurationError('subscriber', 'must be a separate connection');
  }
  if (wait) validateWait(wait, client);

  let checked = false;
  let checking: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    checking ??= Promise.all([
      assertPlainReplies(connection, keyNames.session('probe')),
      dangerouslyAllowEviction || assertNoEviction(client),
    ])
      .then(() => undefined)
      .finally(() => {
        checking = undefined;
      });
    await checking;
    checked = true;
  };
  const connection = new Connection(client, () => (checked ? undefined : check()));
  const keyNames = new KeyNames(prefix);
  const { channel } = keyNames;
  const feed = subscriber && new RevocationFeed({ subscriber, channel, heartbeat, client });
  const replicas = wait && new ReplicaWait(wait, prefix);
  const parts = { connection, keyNames, feed, replicas, revocationMemory };
  const sessions = new RedisSessionStore(parts);
  return {
    sessions,
    blocklist: new RedisBlocklistStore(connection, keyNames),
    singleUse: new RedisSingleUseStore(connection, keyNames),
    apiKeys: new RedisApiKeyStore(connection, keyNames),
    leases: new RedisLeaseStore(connection, keyNames),
    rateLimits: new RedisRateLimitStore(connection, keyNames),
    check,
    close: async () => {
      sessions.close();
      feed?.close();
    },
  };
};

const optionNames: OptionNames<RedisStoreOptions> = {
  prefix: 1,
  subscriber: 1,
  heartbeat: 1,
  wait: 1,
  revocationMemory: 1,
  dangerouslyAllowEviction: 1,
};

const waitNames: OptionNames<ReplicaWaitOptions> = { client: 1, replicas: 1, timeout: 1 };

const validateWait = (wait: NonNullable<RedisStoreOptions['wait']>, client: RedisClient): void => {
  assertOptions(wait, waitNames, 'wait.');
  if (!wait.client || (wait.client as unknown) === client) {
    throw new ConfigurationError('wait.client', 'must be a separate connection');
  }
  if (!(Number.isInteger(wait.replicas) && wait.replicas >= 1)) {
    throw new ConfigurationError('wait.replicas', 'must be a whole number of at least 1');
  }
  // WAIT itself takes 0 as "no timeout".
  const { timeout = 1_000 } = wait;
  if (!(Number.isInteger(timeout) && timeout >= 1)) {
    throw new ConfigurationError('wait.timeout', 'must be a whole number of at least 1 ms');
  }
};
