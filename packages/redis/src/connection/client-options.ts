import { ConfigurationError } from '@pawl/core';
import type { RedisClient, RedisClientOptions } from './client.ts';

type Problem = readonly [isWrong: (options: RedisClientOptions) => boolean, problem: string];

const problems: readonly Problem[] = [
  [({ keyPrefix }) => Boolean(keyPrefix), 'must not have a keyPrefix; use the option prefix'],
  [({ stringNumbers }) => stringNumbers === true, 'must not have stringNumbers'],
  [({ monitor }) => monitor === true, 'must not be a monitor'],
  [({ role }) => role === 'slave', 'must lead to the master, but has the role slave'],
  [
    // ioredis would send some reads to replicas, where a revocation may not have arrived.
    ({ scaleReads = 'master' }) => scaleReads !== 'master',
    'must read from masters, but has scaleReads',
  ],
];

/**
 * Refuses options of the application's client that would silently take a guarantee away.
 *
 * @param option the name of the option that has the client
 * @throws ConfigurationError
 */
export const validateClientOptions = (
  option: string,
  { options }: Pick<RedisClient, 'options'>,
): void => {
  for (const given of [options ?? {}, (options?.redisOptions ?? {}) as RedisClientOptions]) {
    for (const [isWrong, problem] of problems) {
      if (isWrong(given)) throw new ConfigurationError(option, problem);
    }
  }
};
