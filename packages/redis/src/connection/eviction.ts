import { ConfigurationError } from '@pawl/core';
import type { RedisClient } from './client.ts';
import { asPawlError } from './connection.ts';

/**
 * That the server never drops a key to make room: it would be a session, and
 * nobody could tell that from a logout; or a revocation, which would then be
 * undone. `INFO` instead of `CONFIG GET`, because hosted servers refuse the latter.
 *
 * @throws ConfigurationError if any node evicts, StoreUnavailableError if one does not answer.
 */
export const checkEviction = async (client: RedisClient): Promise<void> => {
  const nodes = client.nodes?.('master') ?? [client];
  const policies = await Promise.all(nodes.map(policyOf));
  const evicting = policies.find((policy) => policy !== 'noeviction');
  if (evicting === undefined) return;
  throw new ConfigurationError(
    'client',
    `the server's maxmemory-policy is ${evicting}, but sessions need noeviction`,
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
