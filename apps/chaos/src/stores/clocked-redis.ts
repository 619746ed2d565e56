import { createHash } from 'node:crypto';
import { createRedisStore, type RedisClient } from '@pawl/redis';
import { Redis } from 'ioredis';
import type { ClockedStore, StoreClock } from './clocked.ts';

const clockKey = 'chaos:clock';
const serverTime = "redis.call('TIME')";
const givenTime = `redis.call('HMGET', '${clockKey}', 'seconds', 'micros')`;

/** A client whose scripts read the time that they are given, where they would ask the server. */
class ClockedClient implements RedisClient {
  readonly isCluster = false;
  readonly #client: Redis;
  readonly #clock: StoreClock;
  readonly #scripts = new Map<string, string>();
  #written = 0;

  constructor(client: Redis, clock: StoreClock) {
    this.#client = client;
    this.#clock = clock;
  }

  async callBuffer(command: string, args: (string | Buffer | number)[]): Promise<unknown> {
    if (command !== 'EVALSHA' && command !== 'EVAL') return this.#client.callBuffer(command, args);
    const [script, ...rest] = args;
    if (command === 'EVAL') {
      const source = String(script);
      const sha = createHash('sha1').update(source).digest('hex');
      this.#scripts.set(sha, source.replaceAll(serverTime, givenTime));
      return this.callBuffer('EVALSHA', [sha, ...rest]);
    }
    const source = this.#scripts.get(String(script));
    if (source === undefined) throw new Error('NOSCRIPT it was never sent');
    await this.#writeClock();
    return this.#client.callBuffer('EVAL', [source, ...rest]);
  }

  async #writeClock(): Promise<void> {
    const now = this.#clock();
    if (now === this.#written) return;
    this.#written = now;
    const seconds = Math.floor(now / 1_000);
    await this.#client.hset(clockKey, { seconds, micros: (now % 1_000) * 1_000 });
  }
}

export const clockedRedis = (port: number): ClockedStore => {
  const client = new Redis({ host: '127.0.0.1', port });
  return {
    open: (clock) => createRedisStore(new ClockedClient(client, clock)),
    empty: async () => {
      await client.flushdb();
    },
    close: async () => client.disconnect(),
  };
};
