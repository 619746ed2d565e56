import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectName } from '../src/sql/dialect.ts';
import { createKyselyStore, type KyselyStore } from '../src/store.ts';
import { type CountedDatabase, openCounted } from './counted.ts';
import { situations } from './situations.ts';

const dialects: readonly DialectName[] = ['postgres', 'mysql', 'sqlite'];

describe.for(dialects)('statements on %s, counted by the server', (dialect) => {
  let database: CountedDatabase;
  let store: KyselyStore;
  beforeAll(async () => {
    database = await openCounted(dialect);
    store = createKyselyStore(database.db, { dialect });
    // On MySQL the first statement of a connection reads its settings.
    await store.sessions.find('x');
  });
  afterAll(() => database.close());

  it.for(Object.entries(situations))('%s', async ([, [costs, situation]]) => {
    const call = await situation(store);
    expect(await database.count(call)).toBe(costs[dialects.indexOf(dialect)]);
  });
});
