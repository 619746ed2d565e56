import { DatabaseSync } from 'node:sqlite';
import { ConfigurationError, StoreUnavailableError } from '@pawl/core';
import { newCallId } from '@pawl/core/store';
import { newSession } from '@pawl/testkit';
import {
  CamelCasePlugin,
  CompiledQuery,
  Kysely,
  MysqlDialect,
  ParseJSONResultsPlugin,
  PostgresDialect,
} from 'kysely';
import { createPool, type PoolOptions } from 'mysql2';
import { Pool, type PoolConfig, types } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeSqliteDialect } from '../src/driver/node-sqlite.ts';
import { migrate } from '../src/migration/migrations.ts';
import { createKyselyStore } from '../src/store.ts';
import { openDatabase, type TestDatabase } from './databases.ts';
import { distortions, openDistorted } from './distorted.ts';

const ask = async (db: Kysely<unknown>, text: string): Promise<unknown[]> =>
  (await db.executeQuery<unknown>(CompiledQuery.raw(text))).rows;

/** The option that a check of the store names, or null if it finds none. */
const namedBy = async (
  db: Kysely<unknown>,
  dialect: 'postgres' | 'mysql' | 'sqlite',
): Promise<string | null> => {
  const error: unknown = await createKyselyStore(db, { dialect })
    .check()
    .catch((caught: unknown) => caught);
  if (error === undefined) return null;
  return error instanceof ConfigurationError ? error.option : `${(error as Error).message}`;
};

const countAll = async (db: Kysely<unknown>): Promise<unknown> =>
  ask(
    db,
    `select (select count(*) from pawl_sessions) + (select count(*) from pawl_api_keys) +
      (select count(*) from pawl_blocklist) + (select count(*) from pawl_single_use) +
      (select count(*) from pawl_leases) + (select count(*) from pawl_rate_limits) as n`,
  );

describe.for(['postgres', 'mysql', 'sqlite'] as const)('a check on %s', (dialect) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openDatabase(dialect);
  });
  afterAll(() => database.close());

  it('passes, and leaves nothing behind', async () => {
    const [db] = database.nodes;
    const before = await countAll(db);
    expect(await namedBy(db, dialect)).toBeNull();
    const withPlugins = db
      .withPlugin(new CamelCasePlugin())
      .withPlugin(new ParseJSONResultsPlugin());
    expect(await namedBy(withPlugins, dialect)).toBeNull();
    expect(await countAll(db)).toEqual(before);
  });

  it('passes within a transaction, which it leaves as it was', async () => {
    const [db] = database.nodes;
    const store = createKyselyStore(db, { dialect });
    const check = db.transaction().execute((trx) => store.within(trx).check());
    await expect(check).resolves.toBeUndefined();
  });

  it('names missing tables', async () => {
    const { db } = { db: database.nodes[0] };
    const store = createKyselyStore(db, { dialect, prefix: 'other_' });
    await expect(store.check()).rejects.toMatchObject({ option: 'db' });
  });

  it('names withSchema and another dialect at construction', () => {
    const [db] = database.nodes;
    const other = dialect === 'mysql' ? 'sqlite' : 'mysql';
    expect(() => createKyselyStore(db.withSchema('auth'), { dialect })).toThrow(/option schema/);
    expect(() => createKyselyStore(db, { dialect: other })).toThrow(/^dialect: /);
    expect(() => createKyselyStore(db, { dialect, batchsize: 1 } as never)).toThrow(/batchSize/);
  });
});

describe('PostgreSQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openDatabase('postgres');
  });
  afterAll(() => database.close());

  const withOptions = async <T>(
    options: PoolConfig,
    body: (db: Kysely<unknown>) => Promise<T>,
  ): Promise<T> => {
    const pool = new Pool({ connectionString: database.url as string, max: 1, ...options });
    const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
    try {
      return await body(db);
    } finally {
      await db.destroy();
    }
  };

  it.for([
    ['default_transaction_isolation=serializable', null],
    ['default_transaction_isolation=repeatable\\ read', null],
    ['default_transaction_deferrable=on', null],
    ['bytea_output=escape', null],
    ['synchronous_commit=off', null],
    ['timezone=Asia/Kathmandu', null],
    ['datestyle=german', null],
    ['intervalstyle=iso_8601', null],
    ['extra_float_digits=-15', null],
    ['standard_conforming_strings=off', null],
    ['transform_null_equals=on', null],
    ['statement_timeout=20000', null],
    ['default_transaction_read_only=on', 'default_transaction_read_only'],
    ['search_path=pg_catalog', 'db'],
  ] as const)('%s: %s', async ([setting, option]) => {
    const named = withOptions({ options: `-c ${setting}` }, (db) => namedBy(db, 'postgres'));
    expect(await named).toBe(option);
  });

  it('names client_encoding', async () => {
    const named = await withOptions({}, async (db) => {
      await ask(db, "set client_encoding = 'LATIN1'");
      return namedBy(db, 'postgres');
    });
    expect(named).toBe('client_encoding');
  });

  it.for([
    ['int8 as a number', 20, Number.parseInt, null],
    ['int8 as a bigint', 20, BigInt, null],
    ['int8 as a date', 20, (text: string) => new Date(Number(text)), 'types'],
    ['bytea as text', 17, (text: string) => text, 'types'],
    ['text as an object', 25, (text: string) => ({ text }), 'types'],
  ] as const)('a parser of types: %s', async ([, oid, parse, option]) => {
    const getTypeParser = ((id: number, format: 'text') =>
      id === oid ? parse : types.getTypeParser(id, format)) as typeof types.getTypeParser;
    expect(
      await withOptions({ types: { ...types, getTypeParser } } as PoolConfig, (db) =>
        namedBy(db, 'postgres'),
      ),
    ).toBe(option);
  });

  it('names what a row policy hides', async () => {
    const [db] = database.nodes;
    const role = `hidden_${Date.now()}`;
    await ask(db, `create role ${role} login`);
    await ask(db, `grant select, insert, update, delete on all tables in schema public to ${role}`);
    await ask(db, 'alter table pawl_sessions enable row level security');
    await ask(db, 'create policy insert_only on pawl_sessions for insert with check (true)');
    await ask(db, 'create policy see_none on pawl_sessions for select using (true)');
    try {
      const connectionString = `${database.url}`.replace('postgres@', `${role}@`);
      const named = withOptions({ connectionString }, (other) => namedBy(other, 'postgres'));
      expect(await named).toBe('db');
    } finally {
      await ask(db, 'alter table pawl_sessions disable row level security');
    }
  });
});

describe('MariaDB', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openDatabase('mysql');
  });
  afterAll(() => database.close());

  const withOptions = async <T>(
    options: PoolOptions,
    body: (db: Kysely<unknown>) => Promise<T>,
    setting?: string,
  ): Promise<T> => {
    const pool = createPool({ uri: database.url as string, connectionLimit: 1, ...options });
    if (setting !== undefined) {
      pool.on('connection', (connection) => connection.query(`set session ${setting}`, () => {}));
    }
    const db = new Kysely<unknown>({ dialect: new MysqlDialect({ pool }) });
    try {
      return await body(db);
    } finally {
      await db.destroy();
    }
  };

  const strict = 'STRICT_TRANS_TABLES';
  const refused: readonly (readonly [setting: string, option: string])[] = [
    ['autocommit = 0', 'autocommit'],
    ['completion_type = CHAIN', 'completion_type'],
    ['completion_type = 2', 'completion_type'],
    [`sql_mode = '${strict},EMPTY_STRING_IS_NULL'`, 'sql_mode'],
    [`sql_mode = '${strict},NO_BACKSLASH_ESCAPES'`, 'sql_mode'],
    ["sql_mode = ''", 'sql_mode'],
    ['sql_select_limit = 1', 'sql_select_limit'],
    ['sql_safe_updates = 1', 'sql_safe_updates'],
    ['character_set_client = latin1', 'character_set_client'],
    ['character_set_connection = latin1', 'character_set_connection'],
    ['character_set_results = latin1', 'character_set_results'],
    ['transaction isolation level read uncommitted', 'isolation'],
  ];

  it.for(refused)('refuses a connection with %s, without a check', async ([setting, option]) => {
    await withOptions(
      {},
      async (db) => {
        const store = createKyselyStore(db, { dialect: 'mysql' });
        const session = newSession();
        const error: unknown = await store.sessions.create(session).catch((e: unknown) => e);
        expect(error).toBeInstanceOf(StoreUnavailableError);
        expect((error as Error).cause).toBeInstanceOf(ConfigurationError);
        expect(((error as Error).cause as ConfigurationError).option).toContain(option);
        expect(await namedBy(db, 'mysql')).toContain(option);
      },
      setting,
    );
  });

  it.for([
    `sql_mode = '${strict},ANSI_QUOTES'`,
    `sql_mode = '${strict},PIPES_AS_CONCAT'`,
    `sql_mode = '${strict},IGNORE_SPACE,HIGH_NOT_PRECEDENCE'`,
    `sql_mode = '${strict},SIMULTANEOUS_ASSIGNMENT'`,
    `sql_mode = '${strict},ORACLE'`,
    `sql_mode = '${strict},NO_UNSIGNED_SUBTRACTION,PAD_CHAR_TO_FULL_LENGTH,TIME_ROUND_FRACTIONAL'`,
    `sql_mode = 'TRADITIONAL'`,
    "time_zone = '+05:45'",
    "collation_connection = 'utf8mb4_german2_ci'",
    'transaction isolation level serializable',
    'transaction isolation level read committed',
    'sql_auto_is_null = 1',
    'foreign_key_checks = 0',
    'unique_checks = 0',
  ])('works with %s', async (setting) => {
    expect(await withOptions({}, (db) => namedBy(db, 'mysql'), setting)).toBeNull();
  });

  it('names a time that stands still', async () => {
    const named = withOptions({}, (db) => namedBy(db, 'mysql'), 'timestamp = 1000000000');
    expect(await named).toBe('timestamp');
  });

  it.for<readonly [PoolOptions, string | null]>([
    [{ flags: ['-FOUND_ROWS'] }, null],
    [{ supportBigNumbers: true, bigNumberStrings: true }, null],
    [{ supportBigNumbers: true }, null],
    [{ decimalNumbers: true }, null],
    [{ dateStrings: true }, null],
    [{ namedPlaceholders: true }, null],
    [{ multipleStatements: true }, null],
    [{ timezone: '+05:00' }, null],
    [{ stringifyObjects: true }, null],
    [{ jsonStrings: true }, null],
    [{ charset: 'utf8mb4_german2_ci' }, null],
    [{ charset: 'LATIN1_SWEDISH_CI' }, 'character_set_client'],
    [{ charset: 'UTF8_GENERAL_CI' }, 'character_set_client'],
    [{ rowsAsArray: true }, 'rowsAsArray'],
    [{ nestTables: true } as PoolOptions, 'nestTables'],
    [{ typeCast: false }, 'typeCast'],
    [{ typeCast: (field) => field.string() }, 'typeCast'],
    [{ typeCast: (_, next) => next() }, null],
  ])('%o: %s', async ([options, option]) => {
    expect(await withOptions(options, (db) => namedBy(db, 'mysql'))).toBe(option);
  });

  it('renews a lease and counts revoked API keys without FOUND_ROWS', async () => {
    await withOptions({ flags: ['-FOUND_ROWS'] }, async (db) => {
      const clock = (): number => 1_800_000_000_000;
      const { leases, apiKeys } = createKyselyStore(db, { dialect: 'mysql', clock });
      const lease = await leases.acquire('no flag', 1_000, newCallId());
      expect(await leases.renew('no flag', lease as { fence: number }, 1_000)).toBe(true);
      const key = { keyId: 'k'.repeat(24), userId: 'no flag', tokenHash: new Uint8Array(32) };
      await apiKeys.create({ ...key, name: '', claims: '{}', expiresAt: null });
      const input = { userId: 'no flag', callId: newCallId() };
      expect(await apiKeys.revokeAll(input)).toBe(1);
      expect(await apiKeys.revokeAll(input)).toBe(1);
      expect(await apiKeys.revokeAll({ ...input, callId: newCallId() })).toBe(0);
    });
  });
});

describe('SQLite', () => {
  const withDatabase = async <T>(
    options: ConstructorParameters<typeof DatabaseSync>[1] & object,
    pragmas: string,
    body: (db: Kysely<unknown>) => Promise<T>,
  ): Promise<T> => {
    const database = new DatabaseSync(':memory:', options);
    const db = new Kysely<unknown>({ dialect: nodeSqliteDialect(database) });
    if (pragmas.includes('encoding')) database.exec(pragmas);
    if (!('returnArrays' in options)) await migrate(db, { dialect: 'sqlite' });
    if (!pragmas.includes('encoding')) database.exec(pragmas);
    try {
      return await body(db);
    } finally {
      await db.destroy();
    }
  };

  it.for([
    [{}, "pragma encoding = 'UTF-16'", null],
    [{}, 'pragma case_sensitive_like = on', null],
    [{}, 'pragma foreign_keys = off', null],
    [{}, 'pragma synchronous = off', null],
    [{}, 'pragma reverse_unordered_selects = on', null],
    [{}, 'pragma recursive_triggers = on', null],
    [{}, 'pragma query_only = on', 'query_only'],
    [{ defensive: false }, 'pragma journal_mode = off', 'journal_mode'],
    [{}, 'pragma read_uncommitted = on', 'read_uncommitted'],
    [{ readBigInts: true }, '', null],
    [{ returnArrays: true }, '', 'returnArrays'],
    [{ enableDoubleQuotedStringLiterals: true }, '', null],
    [{ allowBareNamedParameters: false }, '', null],
    [{ defensive: true }, '', null],
  ] as const)('%o %s: %s', async ([options, pragmas, option]) => {
    expect(await withDatabase(options, pragmas, (db) => namedBy(db, 'sqlite'))).toBe(option);
  });
});

it('names a driver that renames columns', async () => {
  const database = openDistorted(nodeSqliteDialect(new DatabaseSync(':memory:')));
  await migrate(database.db, { dialect: 'sqlite' });
  database.distort = distortions['columns are renamed'];
  database.isEverything = true;
  expect(await namedBy(database.db, 'sqlite')).toBe('transform');
  await database.db.destroy();
});
