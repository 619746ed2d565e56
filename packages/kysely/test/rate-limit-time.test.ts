import { newCallId } from '@pawl/core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectName } from '../src/sql/dialect.ts';
import { createKyselyStore, type KyselyStore } from '../src/store.ts';
import { openDatabase, type TestDatabase } from './databases.ts';

const limit = { capacity: 3, refillInterval: 60_000 };

describe.each<DialectName>(['postgres', 'mysql', 'sqlite'])(
  'a concurrent call on %s',
  (dialect) => {
    let database: TestDatabase;
    let store: KyselyStore;
    const start = Date.now();
    let now = start;
    beforeAll(async () => {
      database = await openDatabase(dialect);
      store = createKyselyStore(database.nodes[0], { dialect, clock: () => now });
    });
    afterAll(() => database.close());

    const consumeAt = async (key: string, ...times: readonly number[]): Promise<unknown[]> => {
      const found: unknown[] = [];
      for (const time of times) {
        now = start + time;
        const { allowed, remaining } = await store.rateLimits.consume(key, limit, newCallId());
        found.push(allowed ? remaining : 'refused');
      }
      return found;
    };

    // It has waited for the row, so that its statement began before the one that it follows.
    it('that began a little earlier finds what the call before it has left', async () => {
      expect(await consumeAt('earlier', 2, 1, 0, 3)).toEqual([2, 1, 0, 'refused']);
      expect(await consumeAt('again', 1_000, 0, 999)).toEqual([2, 1, 0]);
    });

    it('does not hold the time up: the bucket refills from the latest call on', async () => {
      expect(await consumeAt('refill', 5, 3, 0)).toEqual([2, 1, 0]);
      expect(await consumeAt('refill', 60_004, 60_005, 60_006)).toEqual(['refused', 0, 'refused']);
    });

    it('a clock that was set back further counts from then on', async () => {
      expect(await consumeAt('back', 600_000, 0)).toEqual([2, 'refused']);
    });
  },
);
