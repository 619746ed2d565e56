import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startGate } from '@pawl/servers';
import type { StoreOutage } from '@pawl/testkit';
import { createMigrator } from '../src/migration/migrations.ts';
import { createKyselyStore, type KyselyStoreOptions } from '../src/store.ts';
import { connectMariadb, connectPostgres, connectSqlite } from './connect.ts';

/** Opens a store on a file of its own, which another connection locks during the outage. */
export const openSqliteOutage = async (
  options: Omit<KyselyStoreOptions, 'dialect'> = {},
): Promise<StoreOutage> => {
  const folder = mkdtempSync(join(tmpdir(), 'pawl-outage-'));
  const file = join(folder, 'test.db');
  const db = connectSqlite(file);
  await createMigrator(db, { dialect: 'sqlite' }).migrateToLatest();
  const other = new DatabaseSync(file);
  return {
    store: createKyselyStore(db, { ...options, dialect: 'sqlite' }),
    begin: () => other.exec('begin exclusive'),
    end: () => other.exec('rollback'),
    close: async () => {
      other.close();
      await db.destroy();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Opens a store whose connections are cut and refused during the outage. */
export const openServerOutage = async (
  url: string,
  options: KyselyStoreOptions,
): Promise<StoreOutage> => {
  const gated = new URL(url);
  const gate = await startGate(Number(gated.port));
  gated.hostname = '127.0.0.1';
  gated.port = String(gate.port);
  const connect = options.dialect === 'postgres' ? connectPostgres : connectMariadb;
  const db = connect(gated.href);
  return {
    store: createKyselyStore(db, options),
    begin: () => gate.shut(),
    end: () => gate.open(),
    close: async () => {
      await db.destroy();
      await gate.stop();
    },
  };
};
