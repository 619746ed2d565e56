import { sql } from 'kysely';
import { type DialectName, type Sql, storeTime, typed } from './dialect.ts';
import { nowParameter, parameter } from './statement.ts';
import { type NamingOptions, type TableName, tableNames } from './table-names.ts';

/** What the statements of one store have in common: dialect, table names and clock. */
export interface SqlContext {
  readonly dialect: DialectName;
  readonly tables: Readonly<Record<TableName, Sql>>;
  /** The store's time in whole ms. */
  readonly now: Sql;
  /** How many rows a cleanup writes per statement. */
  readonly batchSize: number;
}

export const createSqlContext = (
  dialect: DialectName,
  naming: NamingOptions,
  injectedClock: boolean,
  batchSize: number,
): SqlContext => ({
  dialect,
  tables: tableNames(naming),
  now: injectedClock ? nowAsParameter(dialect) : storeTime[dialect],
  batchSize,
});

const nowAsParameter = (dialect: DialectName): Sql =>
  dialect === 'sqlite'
    ? sql`cast(${parameter(nowParameter)} as integer)`
    : typed(dialect, 'bigint', parameter(nowParameter));
