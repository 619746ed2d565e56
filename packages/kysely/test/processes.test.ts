import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { newSession } from '@pawl/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createKyselyStore } from '../src/store.ts';
import { openDatabase, type TestDatabase } from './databases.ts';
import type { RaceResult, RaceStart } from './racer.ts';

const processes = 8;
const rounds = 5;

describe.for(['postgres', 'mysql'] as const)('eight processes on %s', (dialect) => {
  let database: TestDatabase;
  let racers: ChildProcess[] = [];
  beforeAll(async () => {
    database = await openDatabase(dialect);
    const args = [dialect, database.url as string];
    const execArgv = ['--conditions=@pawl/source', '--no-warnings'];
    racers = Array.from({ length: processes }, () =>
      fork(join(import.meta.dirname, 'racer.ts'), args, { execArgv }),
    );
    await Promise.all(racers.map((racer) => once(racer, 'message')));
  }, 60_000);
  afterAll(async () => {
    for (const racer of racers) racer.disconnect();
    await database.close();
  });

  const race = async (start: RaceStart): Promise<RaceResult[]> => {
    const racing = racers.map(async (racer) => {
      racer.send(start);
      const [results] = await once(racer, 'message');
      return results as RaceResult[];
    });
    return (await Promise.all(racing)).flat();
  };

  it('present one token 64 times: one successor, nobody is revoked, nothing fails', async () => {
    const { sessions } = createKyselyStore(database.nodes[0], { dialect });
    for (let round = 0; round < rounds; round++) {
      const session = newSession();
      await sessions.create(session);
      const { sessionId } = session;
      const results = await race({ sessionId, generation: 0, times: 64 / processes });
      const counts = Object.groupBy(results, ({ kind }) => kind);
      expect(
        Object.fromEntries(Object.entries(counts).map(([kind, of]) => [kind, of?.length])),
      ).toEqual({
        rotated: 1,
        replayed: 20,
        retry: 43,
      });
      const found = await sessions.find(sessionId);
      expect(found?.record).toMatchObject({
        generation: 1,
        revokedAt: null,
        replays: 20,
        strikes: 0,
      });
      const current = Buffer.from(found?.record.tokenHash ?? []).toString('hex');
      expect(new Set(results.map(({ successor }) => successor))).toEqual(new Set([current]));
    }
  });
});
