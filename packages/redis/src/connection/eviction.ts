import { ConfigurationError } from '@pawl/core';
import type { RedisClient } from './client.ts';
import { asPawlError } from './connection.ts';

/**
 * Checks that no node evicts keys when its memory is full. An evicted session looks like a
 * logout, and an evicted revocation is undone. Uses `INFO`, because hosted servers refuse
 * `CONFIG GET`.
 *
 * @throws ConfigurationError if a node evicts keys
 * @throws StoreUnavailableError if a node does not answer
 */
export const assertNoEviction = async (client: RedisClient): Promise<void> => {
  const nodes = client.nodes?.('master') ?? [client];
  const policies = await Promise.all(nodes.map(policyOf));
  const evicting = policies.find((policy) => policy !== 'noeviction');
  if (evicting === undefined) return;
  throw new ConfigurationError(
    'client',
    `the server's maxmemory-policy is ${evicting}, but must be noeviction`,
  );
};

const policyOf = async (node: RedisClient): Promise<string> => {
  try {
    const info = await node.info('memory');
    return /maxmemory_policy:([\w-]+)/.exec(info)?.[1] ?? 'unknown';
  } catch (error) {
    throw asPawlError(error);
  }
};
