import { ConfigurationError } from '@pawl/core';
import { newSession } from '@pawl/testkit';
import { CompiledQuery, type Kysely } from 'kysely';
import { describe, expect, inject, it } from 'vitest';
import { migrate } from '../src/migration/migrations.ts';
import { createKyselyStore } from '../src/store.ts';
import { connectMariadb, connectPostgres, connectSqlite } from './connect.ts';
import { openDatabase } from './databases.ts';

const ask = (db: Kysely<unknown>, text: string): Promise<unknown> =>
  db.executeQuery(CompiledQuery.raw(text));

/** A URL of the server with another user or database. */
const changed = (url: string, change: Partial<Pick<URL, 'username' | 'pathname' | 'port'>>) =>
  Object.assign(new URL(url), change).href;

const postgres = (change: Parameters<typeof changed>[1]): Kysely<unknown> =>
  connectPostgres(changed(inject('postgresUrl'), change), { connections: 1 });
const mariadb = (change: Parameters<typeof changed>[1]): Kysely<unknown> =>
  connectMariadb(changed(inject('mariadbUrl'), change), { connections: 1 });

describe('migrate', () => {
  it.for([
    ['postgres', 'no database', () => postgres({ pathname: '/nothing' }), /does not exist: create/],
    ['postgres', 'no role', () => postgres({ username: 'nobody' }), /refuses this user/],
    ['postgres', 'no server', () => postgres({ port: '1' }), /cannot be reached/],
    ['mysql', 'no database', () => mariadb({ pathname: '/nothing' }), /does not exist: create/],
    ['mysql', 'no user', () => mariadb({ username: 'nobody' }), /refuses this user/],
    ['mysql', 'no server', () => mariadb({ port: '1' }), /cannot be reached/],
  ] as const)('throws a sentence on %s with %s', async ([dialect, , connect, sentence]) => {
    const db = connect();
    const error: unknown = await migrate(db, { dialect }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect((error as Error).message).toMatch(sentence);
    expect((error as Error).cause).toBeInstanceOf(Error);
    await db.destroy();
  });

  it.for([
    ['postgres', postgres, `create role limited_pg login`],
    ['mysql', mariadb, 'create user limited_my'],
  ] as const)('throws a sentence on %s without rights', async ([dialect, connect, create]) => {
    const { nodes, url, close } = await openDatabase(dialect);
    await ask(nodes[0], create);
    const [username = ''] = /limited_\w+/.exec(create) ?? [];
    let { pathname } = new URL(url as string);
    if (dialect === 'mysql') {
      // In a database whose name begins with "test", MariaDB lets everybody create tables.
      pathname = '/limited';
      await ask(nodes[0], 'create database limited');
      await ask(nodes[0], 'grant select on limited.* to limited_my');
    }
    const db = connect({ username, pathname });
    await expect(migrate(db, { dialect })).rejects.toThrow(/grant it the right/);
    await db.destroy();
    await close();
  });

  it('throws a sentence for a file that cannot be written', async () => {
    const db = connectSqlite(':memory:');
    await ask(db, 'pragma query_only = on');
    await expect(migrate(db, { dialect: 'sqlite' })).rejects.toThrow(/cannot be written/);
    await db.destroy();
  });

  it('names a failed migration, and the plugin or dialect that does not fit', async () => {
    const db = connectSqlite(':memory:');
    await ask(db, 'create view pawl_leases as select 1 as one');
    await expect(migrate(db, { dialect: 'sqlite' })).rejects.toThrow(/0006_leases failed/);
    await expect(migrate(db, { dialect: 'mysql' })).rejects.toThrow(/^dialect: /);
    await expect(migrate(db.withSchema('a'), { dialect: 'sqlite' })).rejects.toThrow(/schema/);
    await db.destroy();
  });

  it.for(['postgres', 'mysql', 'sqlite'] as const)('twice at once on %s', async (dialect) => {
    const { nodes, close } = await openDatabase(dialect);
    const options = { dialect, prefix: 'twice_' };
    await Promise.all(nodes.map((db) => migrate(db, options)));
    await migrate(nodes[0], options);
    const { sessions } = createKyselyStore(nodes[1], options);
    expect(await sessions.create(newSession())).toMatchObject({ kind: 'created' });
    await close();
  });
});
