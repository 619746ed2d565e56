import type { Sessions } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { createRedisStore } from '@pawl/redis';
import { startRedis } from '@pawl/servers';
import { Redis } from 'ioredis';
import { measure, ratioOf } from '../measuring/measure.ts';
import type { Section } from '../measuring/report.ts';
import { deploy, login } from './deployment.ts';

type AnySessions = Sessions<object, object>;

/** A kind of store, of which each size gets a separate one. */
interface StoreKind {
  readonly kind: string;
  readonly open: () => AnySessions;
}

/** The maximum factor of the cost, while the number of sessions grows by 100 or 10,000. */
const maxGrowth = 1.5;

/** The number of operations per round, each on a different session. */
const touched = 100;

interface Filled {
  readonly sessions: AnySessions;
  readonly userOf: (login: number) => string;
  readonly accessTokens: string[];
  readonly refreshTokens: string[];
}

/** @param userOf the user of each login: always the same, or a different one each time */
const fill = async (
  { open }: StoreKind,
  size: number,
  userOf: (login: number) => string,
): Promise<Filled> => {
  const sessions = open();
  const filled: Filled = { sessions, userOf, accessTokens: [], refreshTokens: [] };
  const every = Math.max(1, Math.floor(size / touched));
  for (let from = 0; from < size; from += 500) {
    const count = Math.min(500, size - from);
    const created = await Promise.all(
      Array.from({ length: count }, (_, i) => sessions.create(login(userOf(from + i)))),
    );
    for (const [i, { accessToken, refreshToken }] of created.entries()) {
      // Spread over all sessions, because the newest are still in the processor's cache.
      if ((from + i) % every !== 0 || filled.accessTokens.length >= touched) continue;
      filled.accessTokens.push(accessToken);
      filled.refreshTokens.push(refreshToken);
    }
  }
  return filled;
};

/** The measured operations, each on one session. */
const operations: Readonly<Record<string, (filled: Filled, at: number) => Promise<void>>> = {
  verify: async ({ sessions, accessTokens }, at) => {
    await sessions.verify(accessTokens[at % accessTokens.length] as string);
  },
  refresh: async ({ sessions, refreshTokens }, at) => {
    const index = at % refreshTokens.length;
    refreshTokens[index] = (await sessions.refresh(refreshTokens[index] as string)).refreshToken;
  },
  'create and revoke': async ({ sessions, userOf }, at) => {
    const { sessionId } = await sessions.create(login(userOf(at)));
    await sessions.revoke(sessionId);
  },
};

type Size = readonly [size: number, name: string];

/** Measures every operation at every size against the smallest size. */
const measureSizes = async (
  title: string,
  storeKind: StoreKind,
  sizes: readonly Size[],
  userOf: (login: number) => string,
  rounds: number,
): Promise<Section[]> => {
  const filled: Filled[] = [];
  for (const [size] of sizes) filled.push(await fill(storeKind, size, userOf));
  const sections: Section[] = [];
  for (const [operation, run] of Object.entries(operations)) {
    const measured = await measure<number>({
      title: `${storeKind.kind}, ${title}: ${operation}`,
      rounds,
      prepare: (round) => Array.from({ length: touched }, (_, i) => round * touched + i),
      candidates: sizes.map(([, name], index) => ({
        name,
        run: async (inputs) => {
          for (const at of inputs) await run(filled[index] as Filled, at);
        },
      })),
    });
    const [[, smallest], ...others] = sizes as readonly [Size, ...Size[]];
    sections.push({
      measured,
      rules: others.map(([, name]) => ({
        name: `${name} ÷ ${smallest}`,
        ratio: ratioOf(measured, smallest, name),
        atMost: maxGrowth,
      })),
    });
  }
  return sections;
};

const thousands: readonly Size[] = [
  [1_000, '1,000 sessions'],
  [10_000, '10,000 sessions'],
  [100_000, '100,000 sessions'],
];
const ofOneUser: readonly Size[] = [
  [1, '1 session of the user'],
  [100, '100 sessions of the user'],
  [10_000, '10,000 sessions of the user'],
];

/** Measures whether the cost is independent of the number of sessions, in total and of one user. */
export const flatness = async (rounds: number): Promise<Section[]> => {
  const everyone = (each: number): string => `user-${each}`;
  const one = (): string => 'one';
  const server = await startRedis();
  const clients: Redis[] = [];
  const memory: StoreKind = {
    kind: 'memory',
    open: () => deploy(createMemoryStore({ maxSessions: 200_000 })),
  };
  const redis: StoreKind = {
    kind: 'Redis',
    open: () => {
      // Each size has a separate database in one server.
      const client = new Redis({ port: server.port, db: clients.length });
      clients.push(client);
      return deploy(createRedisStore(client));
    },
  };
  try {
    return [
      ...(await measureSizes('sessions in all', memory, thousands, everyone, rounds)),
      ...(await measureSizes('sessions of one user', memory, ofOneUser, one, rounds)),
      ...(await measureSizes('sessions in all', redis, thousands, everyone, rounds)),
      ...(await measureSizes('sessions of one user', redis, ofOneUser, one, rounds)),
    ];
  } finally {
    for (const client of clients) client.disconnect();
    await server.stop();
  }
};
