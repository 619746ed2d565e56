import { createHash } from 'node:crypto';
import { newCallId } from '@pawl/core/store';
import { newSession } from '@pawl/testkit';
import { CompiledQuery, type Kysely } from 'kysely';
import { NO_MIGRATIONS } from 'kysely/migration';
import { describe, expect, it, vi } from 'vitest';
import { createMigrator, migrations, printMigrations } from '../src/migration/migrations.ts';
import type { DialectName } from '../src/sql/dialect.ts';
import { createKyselyStore, type KyselyStoreOptions } from '../src/store.ts';
import { openDatabase } from './databases.ts';

vi.setConfig({ testTimeout: 30_000 });

const dialects = ['postgres', 'mysql', 'sqlite'] as const;

/** Runs on an empty database, without the tables that `openDatabase` has created. */
const onEmpty = async (
  dialect: DialectName,
  body: (db: Kysely<unknown>) => Promise<void>,
): Promise<void> => {
  const { nodes, close } = await openDatabase(dialect);
  try {
    const { error } = await createMigrator(nodes[0], { dialect }).migrateTo(NO_MIGRATIONS);
    expect(error).toBeUndefined();
    await body(nodes[0]);
  } finally {
    await close();
  }
};

const expectToWork = async (db: Kysely<unknown>, options: KyselyStoreOptions): Promise<void> => {
  const { sessions } = createKyselyStore(db, options);
  const session = newSession();
  await sessions.create(session, { max: 1, policy: 'refuse' });
  expect((await sessions.list(session.userId)).records).toHaveLength(1);
  expect(
    (await sessions.revokeAll({ userId: session.userId, reason: 'logout', callId: newCallId() }))
      .revoked,
  ).toHaveLength(1);
  expect(await sessions.deleteExpired()).toBe(0);
};

describe('migrations', () => {
  it.for(dialects)('B6: are numbered without gaps on %s', async (dialect) => {
    const names = Object.keys(await migrations({ dialect }).getMigrations());
    const numbers = names.map((name) => /^(\d{4})_[a-z_]+$/.exec(name)?.[1]);
    expect(numbers).toEqual(names.map((_, i) => `${i + 1}`.padStart(4, '0')));
  });

  it.for(dialects)('go up, down and up again on %s', (dialect) =>
    onEmpty(dialect, async (db) => {
      const migrator = createMigrator(db, { dialect });
      for (const go of [
        () => migrator.migrateToLatest(),
        () => migrator.migrateTo(NO_MIGRATIONS),
      ]) {
        const { error, results } = await go();
        expect(error).toBeUndefined();
        expect(results).toHaveLength(
          Object.keys(await migrations({ dialect }).getMigrations()).length,
        );
      }
      await migrator.migrateToLatest();
      await expectToWork(db, { dialect });
    }),
  );

  // What databases of the first edition (commit 17be396) have run.
  it.for([
    ['postgres', '3239b9b62749a22fdff37454a706db6655f905d0dedbcbf19eadeabceab42696'],
    ['mysql', '60dcb7988aec4841e94fde2a1a9d188a88f9773ddcd0ee4b57aa48f4b8a643c5'],
    ['sqlite', 'faef8a730d88a81e62601b614d94ff1c0c9daa3e63e53c1028daf09d90f3f5cb'],
  ] as const)('0001 to 0007 on %s are as they were published', ([dialect, digest]) => {
    const [published = ''] = printMigrations({ dialect }).split('\n-- 0008');
    expect(createHash('sha256').update(published).digest('hex')).toBe(digest);
  });

  it.for(dialects)('run from their printed SQL text on %s', (dialect) =>
    onEmpty(dialect, async (db) => {
      const statements = printMigrations({ dialect }).split(';\n').slice(0, -1);
      expect(statements.length).toBeGreaterThan(10);
      for (const statement of statements) await db.executeQuery(CompiledQuery.raw(statement));
      await expectToWork(db, { dialect });
    }),
  );

  it.for(dialects)('separate two prefixes on %s', (dialect) =>
    onEmpty(dialect, async (db) => {
      for (const prefix of ['one_', '']) {
        const { error } = await createMigrator(db, { dialect, prefix }).migrateToLatest();
        expect(error).toBeUndefined();
        await expectToWork(db, { dialect, prefix });
      }
    }),
  );

  it.for(dialects)('use a schema on %s', (dialect) =>
    onEmpty(dialect, async (db) => {
      const schema = dialect === 'mysql' ? `auth_${Date.now()}` : 'auth';
      const make = {
        postgres: '',
        mysql: `create database ${schema}`,
        sqlite: `attach ':memory:' as auth`,
      };
      if (make[dialect]) await db.executeQuery(CompiledQuery.raw(make[dialect]));
      const { error } = await createMigrator(db, { dialect, schema }).migrateToLatest();
      expect(error).toBeUndefined();
      await expectToWork(db, { dialect, schema });
    }),
  );

  it.for([
    { prefix: 'a b' },
    { prefix: 'x"; drop table users; --' },
    { prefix: 'x'.repeat(33) },
    { schema: '' },
    { schema: 'a.b' },
  ])('refuse %o', (naming) => {
    const options = { dialect: 'postgres', ...naming } as const;
    expect(() => migrations(options)).toThrow(/prefix|schema/);
    expect(() => printMigrations(options)).toThrow(/prefix|schema/);
  });
});
