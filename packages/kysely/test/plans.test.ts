import { CompiledQuery, type Kysely, type LogEvent } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DialectName } from '../src/sql/dialect.ts';
import { createKyselyStore } from '../src/store.ts';
import { openDatabase, type TestDatabase } from './databases.ts';
import { fill } from './fill.ts';
import { situations } from './situations.ts';

type Row = Record<string, unknown>;

/** The tables that grow; the table of locks is always small. */
const tables = /pawl_(sessions|blocklist|single_use|api_keys|leases|rate_limits|user_times)/;

const query = async (db: Kysely<unknown>, text: string, values: unknown[] = []): Promise<Row[]> =>
  (await db.executeQuery<Row>(CompiledQuery.raw(text, values))).rows;

/** The lines of a plan that read a whole table or a whole index. */
const explainers: Readonly<
  Record<DialectName, (db: Kysely<unknown>, statement: CompiledQuery) => Promise<string[]>>
> = {
  // The generic plan of a prepared statement, and the plan for these values.
  postgres: async (db, { sql: text, parameters }) => {
    await query(db, `prepare p as ${text}`);
    const nulls = parameters.map(() => 'null').join(', ');
    const rows = await query(db, `explain execute p${nulls && `(${nulls})`}`);
    await query(db, 'deallocate p');
    const special = await query(db, `explain ${text}`, [...parameters]);
    return [...rows, ...special]
      .map((row) => String(row['QUERY PLAN']))
      .filter((line) => line.includes('Seq Scan') && tables.test(line));
  },
  mysql: async (db, { sql: text, parameters }) => {
    if (text.trimStart().startsWith('insert')) return [];
    const rows = await query(db, `explain ${text}`, [...parameters]);
    return rows
      .filter(({ type }) => ['ALL', 'index'].includes(String(type)))
      .filter(({ table }) => tables.test(String(table)))
      .map((row) => JSON.stringify(row));
  },
  sqlite: async (db, { sql: text, parameters }) => {
    const rows = await query(db, `explain query plan ${text}`, [...parameters]);
    return rows
      .map(({ detail }) => String(detail))
      .filter((line) => line.startsWith('SCAN') && tables.test(line));
  },
};

describe.for(['postgres', 'mysql', 'sqlite'] as const)('with 100,000 rows on %s', (dialect) => {
  let database: TestDatabase;
  const seen = new Map<string, CompiledQuery>();
  beforeAll(async () => {
    const log = ({ query: statement }: LogEvent): void => {
      if (tables.test(statement.sql)) seen.set(statement.sql, statement);
    };
    database = await openDatabase(dialect, { connections: 1, log });
    await fill(database.nodes[0], dialect);
  }, 60_000);
  afterAll(() => database.close());

  it('detects a statement that reads a whole table', async () => {
    const statement = CompiledQuery.raw('select * from pawl_sessions where kid = 7');
    expect(await explainers[dialect](database.nodes[0], statement)).not.toEqual([]);
  });

  it('no statement of any verb reads a whole table', async () => {
    const [db] = database.nodes;
    const store = createKyselyStore(db, { dialect });
    seen.clear();
    for (const [, situation] of Object.values(situations)) await (await situation(store))();
    const { sessions, blocklist, singleUse, apiKeys, leases, rateLimits } = store;
    for (const part of [sessions, blocklist, singleUse, apiKeys, leases, rateLimits])
      await part.deleteExpired();
    const statements = [...seen.values()];
    expect(statements.length).toBeGreaterThan(30);
    if (dialect === 'postgres') await query(db, 'set plan_cache_mode = force_generic_plan');
    for (const statement of statements) {
      const scans = await explainers[dialect](db, statement);
      expect({ statement: statement.sql, scans }).toEqual({ statement: statement.sql, scans: [] });
    }
  });
});
