/** The memory of a session in Redis, compared with `connect-redis` and the same data. */
import { randomUUID } from 'node:crypto';
import { createSessions, generateSecret } from '@pawl/core';
import { createRedisStore } from '@pawl/redis';
import { type RedisServer, startRedis, startTogether, stopTogether } from '@pawl/servers';
import { RedisStore } from 'connect-redis';
import session from 'express-session';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import type { Experiment, Result } from '../experiment.ts';

const sessions = 10_000;
const agent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.0.0 Safari/537.36';
const ip = '203.0.113.77';

const fillOurs = async (server: RedisServer): Promise<void> => {
  const client = new Redis({ host: server.host, port: server.port });
  const pawl = createSessions({
    store: createRedisStore(client),
    secrets: [generateSecret()],
  });
  for (let i = 0; i < sessions; i++) {
    await pawl.create({ userId: randomUUID(), device: { userAgent: agent, ip } });
  }
  client.disconnect();
};

/** The same data as `connect-redis` stores it, which has neither rotation nor a user's index. */
const fillTheirs = async (server: RedisServer): Promise<void> => {
  const client = createClient({ url: server.url });
  await client.connect();
  const store = new RedisStore({ client });
  const maxAge = 14 * 86_400_000;
  for (let i = 0; i < sessions; i++) {
    const cookie = new session.Cookie();
    cookie.originalMaxAge = maxAge;
    cookie.httpOnly = true;
    const data = { cookie, userId: randomUUID(), loginAt: Date.now(), userAgent: agent, ip };
    await store.set(randomUUID(), data);
  }
  await client.close();
};

/** In bytes per session. */
interface Weight {
  /** By `INFO memory`: the growth since the server was empty. */
  readonly total: number;
  /** By `MEMORY USAGE`: all keys. */
  readonly keys: number;
  /** By `MEMORY USAGE`: the users' indexes. */
  readonly indexes: number;
}

const sumOfKeys = `
local sum = 0
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do sum = sum + redis.call('MEMORY', 'USAGE', key) end
return sum`;

const weigh = async (
  server: RedisServer,
  fill: (server: RedisServer) => Promise<void>,
): Promise<Weight> => {
  const used = async (): Promise<number> =>
    Number(/used_memory:(\d+)/.exec(await server.text('INFO', 'memory'))?.[1]);
  const each = (bytes: number): number => Math.round(bytes / sessions);
  const sum = async (pattern: string): Promise<number> =>
    Number(await server.command('EVAL', sumOfKeys, 0, pattern));
  const empty = await used();
  await fill(server);
  const total = each((await used()) - empty);
  return { total, keys: each(await sum('*')), indexes: each(await sum('pawl:u*')) };
};

/** In bytes, by `MEMORY USAGE`. */
const limit = 550;

const compare = async (): Promise<Result> => {
  const servers = await startTogether(startRedis(), startRedis());
  try {
    const ours = await weigh(servers[0], fillOurs);
    const theirs = await weigh(servers[1], fillTheirs);
    const problem = `a session takes ${ours.keys} bytes`;
    return {
      store: 'redis',
      operations: 2 * sessions,
      faults: `${sessions.toLocaleString('en')} new sessions each, a user agent of 110 bytes`,
      violations: ours.keys > limit ? [{ rule: 'memory', problem, sessionId: '', trace: [] }] : [],
      found:
        `MEMORY USAGE: ${ours.keys} bytes (${ours.keys - ours.indexes} session, ${ours.indexes} ` +
        `user’s index); connect-redis ${theirs.keys}. INFO memory: ${ours.total}; ` +
        `connect-redis ${theirs.total}`,
    };
  } finally {
    await stopTogether(servers);
  }
};

export const memory: Experiment = {
  name: 'BYTES',
  title: 'memory per session in Redis, compared with connect-redis',
  passes: `at most ${limit} bytes by MEMORY USAGE, including the user’s index`,
  note:
    'connect-redis stores the same data (user, user agent, address, login, cookie) and nothing ' +
    'else: no index of the user’s sessions, and no data for rotation. INFO memory also counts ' +
    'the key tables, the client’s buffers and the scripts.',
  run: async (_, report) => report(await compare()),
};
