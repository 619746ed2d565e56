import { randomBytes } from 'node:crypto';
import { createRedisStore } from '@pawl/redis';
import { startRedis } from '@pawl/servers';
import { Redis } from 'ioredis';
import type { Section } from '../measuring/report.ts';
import type { Rotator } from './deployment.ts';
import { compareRotations, createRotators } from './flight.ts';

/** Argument positions: script, key count, key, prefix, generation, presented hash, next generation. */
const at = { generation: 4, presented: 5, next: 6 } as const;

type Arguments = (string | Buffer | number)[];

/**
 * Repeats a recorded `EVALSHA` of a rotation: the same script on the same record, each time with a
 * prepared next generation.
 */
const bareRotator = (client: Redis, pattern: Arguments): Rotator => {
  const args = [...pattern];
  const packedGenerations = Array.from({ length: 64 }, () =>
    randomBytes((pattern[at.next] as Buffer).length),
  );
  let turn = 0;
  return {
    rotate: async () => {
      args[at.generation] = (args[at.generation] as number) + 1;
      args[at.presented] = (args[at.next] as Buffer).subarray(0, 32);
      args[at.next] = packedGenerations[turn++ % packedGenerations.length] as Buffer;
      const reply = (await client.callBuffer('EVALSHA', args)) as Buffer;
      if (!reply.includes('rotated')) throw new Error('the bare command did not rotate');
    },
  };
};

/** Measures rotations on Redis against the bare `EVALSHA`. */
export const redisRotation = async (rounds: number): Promise<Section[]> => {
  const server = await startRedis();
  const client = new Redis({ port: server.port });
  try {
    let last: Arguments = [];
    const watched = new Proxy(client, {
      get: (target, property) =>
        property === 'evalshaBuffer'
          ? (...args: Arguments) => {
              last = args;
              return target.callBuffer('EVALSHA', args);
            }
          : (Reflect.get(target, property) as unknown),
    });
    const store = createRedisStore(client);
    const watchedStore = createRedisStore(watched);
    const rotators = await createRotators(store, watchedStore, () => bareRotator(client, last));
    return await compareRotations(
      'rotation on Redis',
      rotators,
      { alone: { whole: 1.3 }, inFlight: { whole: 2.5 } },
      rounds,
    );
  } finally {
    client.disconnect();
    await server.stop();
  }
};
