import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createSessions, generateSecret } from '@pawl/core';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openNode } from './nodes.ts';

const rounds = Number(process.env.PAWL_ROUNDS ?? 10);
const prefix = 'storm:';
const secret = generateSecret();
const node = openNode('standalone');
const { sessions: store } = node.storeWith({ prefix });
const workers: ChildProcess[] = [];

const nextResults = async (worker: ChildProcess): Promise<string[]> => {
  const [results] = (await once(worker, 'message')) as [string[]];
  return results;
};

beforeAll(async () => {
  for (let i = 0; i < 8; i++) {
    const worker = fork(join(import.meta.dirname, 'refresh-worker.ts'), {
      execArgv: ['--conditions=@pawl/source'],
      env: {
        ...process.env,
        PORT: String(inject('redis').standalone),
        PREFIX: prefix,
        SECRET: secret,
      },
    });
    workers.push(worker);
  }
  await Promise.all(workers.map(nextResults));
}, 60_000);
afterAll(() => {
  for (const worker of workers) worker.disconnect();
  node.close();
});

it('8 processes × 64 refreshes of one token: one successor, nobody is logged out', {
  timeout: 60_000,
}, async () => {
  const sessions = createSessions({ store: { sessions: store }, secrets: [secret] });
  const { refreshToken, sessionId } = await sessions.create({ userId: 'user' });
  let token = refreshToken;
  for (let round = 0; round < rounds; round++) {
    const results = await Promise.all(
      workers.map((worker) => {
        worker.send(token);
        return nextResults(worker);
      }),
    );
    const counts = Map.groupBy(results.flat(), (result) => result);
    const successors = [...counts.keys()].filter((result) => !result.startsWith('ERR_'));
    expect(successors).toHaveLength(1);
    // One rotates, twenty replay its result, the others must retry with the newer cookie.
    expect(counts.get(successors[0] ?? '')).toHaveLength(21);
    expect(counts.get('ERR_REFRESH_RETRY')).toHaveLength(8 * 64 - 21);
    const found = await store.find(sessionId);
    expect(found?.record).toMatchObject({ generation: round + 1, revokedAt: null, strikes: 0 });
    // As if the settle period were over.
    token = successors[0] ?? '';
    await settle(sessionId);
  }
});

/** Moves the last rotation an hour back. */
const settle = async (sessionId: string): Promise<void> => {
  const key = `${prefix}s{${sessionId.slice(0, 2)}}${sessionId.slice(2)}`;
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(Date.now() - 3_600_000, 0, 6);
  await node.client.setrange(key, 22, bytes);
};
