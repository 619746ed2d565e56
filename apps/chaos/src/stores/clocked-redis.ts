import { createHash } from 'node:crypto';
import { createRedisStore, type RedisClient } from '@pawl/redis';
import { Redis } from 'ioredis';
import type { ClockedStore, StoreClock } from './clocked.ts';

const clockKey = 'chaos:clock';
const serverTime = "redis.call('TIME')";
const givenTime = `redis.call('HMGET', '${clockKey}', 'seconds', 'micros')`;

type Argument = string | Buffer | number;
type Run = (script: string, ...rest: Argument[]) => Promise<unknown>;

/** Runs scripts that read the injected time instead of the server's time. */
class ClockedScripts {
  readonly #client: Redis;
  readonly #clock: StoreClock;
  readonly #sources = new Map<string, string>();
  #written = 0;

  constructor(client: Redis, clock: StoreClock) {
    this.#client = client;
    this.#clock = clock;
  }

  readonly evalBuffer: Run = (source, ...rest) => {
    const sha = createHash('sha1').update(source).digest('hex');
    this.#sources.set(sha, source.replaceAll(serverTime, givenTime));
    return this.evalshaBuffer(sha, ...rest);
  };

  readonly evalshaBuffer: Run = async (sha, ...rest) => {
    const source = this.#sources.get(sha);
    if (source === undefined) throw new Error('NOSCRIPT unknown script');
    await this.#writeClock();
    return this.#client.callBuffer('EVAL', [source, ...rest]);
  };

  async #writeClock(): Promise<void> {
    const now = this.#clock();
    if (now === this.#written) return;
    this.#written = now;
    const seconds = Math.floor(now / 1_000);
    await this.#client.hset(clockKey, { seconds, micros: (now % 1_000) * 1_000 });
  }
}

const clockedClient = (client: Redis, clock: StoreClock): RedisClient => {
  const scripts = new ClockedScripts(client, clock);
  return new Proxy(client, {
    get: (target, name) => {
      if (name === 'evalBuffer' || name === 'evalshaBuffer') return scripts[name];
      const own = Reflect.get(target, name) as unknown;
      return typeof own === 'function' ? (own.bind(target) as unknown) : own;
    },
  });
};

export const clockedRedis = (port: number): ClockedStore => {
  const client = new Redis({ host: '127.0.0.1', port });
  return {
    open: (clock) => createRedisStore(clockedClient(client, clock)),
    empty: async () => {
      await client.flushdb();
    },
    close: async () => client.disconnect(),
  };
};
