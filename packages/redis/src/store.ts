import { ConfigurationError } from '@pawl/core';
import type { Store } from '@pawl/core/store';
import { RedisApiKeyStore } from './api-key/api-keys.ts';
import { RedisBlocklistStore } from './blocklist.ts';
import { canScript, type RedisClient } from './connection/client.ts';
import { Connection } from './connection/connection.ts';
import { checkEviction } from './connection/eviction.ts';
import { ReplicaWait } from './connection/replica-wait.ts';
import { Keys } from './key-names.ts';
import { RedisLeaseStore } from './leases.ts';
import type { RedisStoreOptions } from './options.ts';
import { RedisRateLimitStore } from './rate-limits.ts';
import { RevocationFeed } from './revocation/feed.ts';
import { RedisSessionStore } from './session/sessions.ts';
import { RedisSingleUseStore } from './single-use.ts';

export interface RedisStore extends Store {
  /**
   * Looks whether the server may be used at all. The first verb does the same,
   * once; calling it at start-up shows a mistake before the first user does.
   *
   * @throws ConfigurationError if the server evicts keys, StoreUnavailableError if it is not there.
   */
  check(): Promise<void>;
}

/**
 * A store in Redis (7 or newer) or Valkey: standalone, behind Sentinel, or a
 * Cluster. The client is the caller's to configure and to close.
 *
 * @param client an ioredis `Redis` or `Cluster`
 * @throws ConfigurationError, naming the option.
 */
export const createRedisStore = (
  client: RedisClient,
  options: RedisStoreOptions = {},
): RedisStore => {
  const { prefix = 'pawl:', heartbeat = 1_000, subscriber, wait } = options;
  const { revocationMemory = 60_000 } = options;
  if (!canScript(client)) {
    throw new ConfigurationError('client', 'must be a Redis or Cluster of ioredis');
  }
  if (client.options?.keyPrefix || client.options?.redisOptions?.keyPrefix) {
    throw new ConfigurationError('client', 'must have no keyPrefix: use the option prefix');
  }
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
    throw new ConfigurationError('subscriber', 'must be a connection of its own');
  }
  if (wait) checkWait(wait, client);

  let checked = options.dangerouslyAllowEviction === true;
  let checking: Promise<void> | undefined;
  const check = async (): Promise<void> => {
    checking ??= checkEviction(client).finally(() => {
      checking = undefined;
    });
    await checking;
    checked = true;
  };
  const connection = new Connection(client, () => (checked ? undefined : check()));
  const keys = new Keys(prefix);
  const feed =
    subscriber && new RevocationFeed({ subscriber, channel: keys.channel, heartbeat, client });
  const replicas = wait && new ReplicaWait(wait, prefix);
  return {
    sessions: new RedisSessionStore({ connection, keys, feed, replicas, revocationMemory }),
    blocklist: new RedisBlocklistStore(connection, keys),
    singleUse: new RedisSingleUseStore(connection, keys),
    apiKeys: new RedisApiKeyStore(connection, keys),
    leases: new RedisLeaseStore(connection, keys),
    rateLimits: new RedisRateLimitStore(connection, keys),
    check,
  };
};

const checkWait = (wait: NonNullable<RedisStoreOptions['wait']>, client: RedisClient): void => {
  if (!wait.client || (wait.client as unknown) === client) {
    throw new ConfigurationError('wait.client', 'must be a connection of its own');
  }
  if (!(Number.isInteger(wait.replicas) && wait.replicas >= 1)) {
    throw new ConfigurationError('wait.replicas', 'must be a whole number of at least 1');
  }
  // For WAIT itself, 0 means for ever.
  const { timeout = 1_000 } = wait;
  if (!(Number.isInteger(timeout) && timeout >= 1)) {
    throw new ConfigurationError('wait.timeout', 'must be a whole number of at least 1 ms');
  }
};
