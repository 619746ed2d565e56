export type { DialectName } from './dialect.ts';
export {
  createMigrator,
  type MigrationOptions,
  migrations,
  printMigrations,
} from './migration/migrations.ts';
export {
  type NodeSqliteDatabase,
  type NodeSqliteStatement,
  nodeSqliteDialect,
} from './node-sqlite.ts';
export { preparedPool } from './prepared-pool.ts';
export { createKyselyStore, type KyselyStore, type KyselyStoreOptions } from './store.ts';
export type { NamingOptions } from './table-names.ts';
export type {
  ApiKeysTable,
  BlocklistTable,
  LeasesTable,
  LocksTable,
  PawlTables,
  RateLimitsTable,
  SessionsTable,
  SingleUseTable,
} from './tables.ts';
