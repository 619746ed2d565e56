export { type D1DatabaseBinding, d1Dialect } from './driver/d1.ts';
export {
  type NodeSqliteDatabase,
  type NodeSqliteStatement,
  nodeSqliteDialect,
} from './driver/node-sqlite.ts';
export { preparedPool } from './driver/prepared-pool.ts';
export { timeLimitedPool } from './driver/time-limited-pool.ts';
export {
  createMigrator,
  type MigrationOptions,
  migrate,
  migrations,
  printMigrations,
} from './migration/migrations.ts';
export type { DialectName } from './sql/dialect.ts';
export type { NamingOptions } from './sql/table-names.ts';
export {
  createKyselyStore,
  type KyselyStore,
  type KyselyStoreOptions,
  type KyselyTransactionStore,
} from './store.ts';
export type {
  ApiKeysTable,
  BlocklistTable,
  LeasesTable,
  LocksTable,
  PawlTables,
  RateLimitsTable,
  SessionsTable,
  SingleUseTable,
  UserTimesTable,
} from './tables.ts';
