import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledQuery } from 'kysely';
import { inject } from 'vitest';
import type { Config } from '../../src/config.ts';
import { openDatabase } from '../../src/storage/database.ts';

export type StoreName = 'memory' | 'sqlite' | 'redis' | 'postgres' | 'mysql';

/** The store of one test. */
export interface TestStore {
  readonly config: Pick<Config, 'store' | 'users'> & Partial<Pick<Config, 'secret'>>;
  readonly remove: () => Promise<void>;
}

/** Creates a store for one test: a file, a new database on a server, or Redis with its own secret. */
export const createTestStore = async (name: StoreName): Promise<TestStore> => {
  switch (name) {
    case 'memory':
      return { config: { store: 'memory', users: 'sqlite::memory:' }, remove: async () => {} };
    case 'sqlite': {
      const { file, remove } = await temporaryFile();
      return { config: { store: file, users: file }, remove };
    }
    case 'redis': {
      // Sessions of different users share no keys, and with another secret rate limits do not either.
      const { file, remove } = await temporaryFile();
      const secret = randomBytes(32).toString('base64url');
      return { config: { store: inject('redisUrl'), users: file, secret }, remove };
    }
    default: {
      const url = await emptyDatabase(inject(`${name}Url`));
      return { config: { store: url, users: url }, remove: async () => {} };
    }
  }
};

const temporaryFile = async (): Promise<{ file: string; remove: () => Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'pawl-demo-'));
  return {
    file: `sqlite:${join(folder, 'demo.db')}`,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
};

/** The database is removed with the server, at the end of the test run. */
const emptyDatabase = async (server: string): Promise<string> => {
  const name = `demo_${randomBytes(8).toString('hex')}`;
  const { db, close } = await openDatabase('STORE', server, () => {});
  await db.executeQuery(CompiledQuery.raw(`create database ${name}`));
  await close();
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
};
