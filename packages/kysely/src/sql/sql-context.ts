import { sql } from 'kysely';
import { type DialectName, type Sql, storeTime, typed } from './dialect.ts';
import { nowParameter, parameter } from './statement.ts';
import { type NamingOptions, type TableName, tableNames } from './table-names.ts';

/** What all statements of a store are written with. */
export interface Grammar {
  readonly dialect: DialectName;
  readonly tables: Readonly<Record<TableName, Sql>>;
  /** The store's time in whole ms. */
  readonly now: Sql;
  /** How many rows a cleanup takes at a time. */
  readonly batchSize: number;
}

export const createGrammar = (
  dialect: DialectName,
  naming: NamingOptions,
  injectedClock: boolean,
  batchSize: number,
): Grammar => ({
  dialect,
  tables: tableNames(naming),
  now: injectedClock ? injected(dialect) : storeTime[dialect],
  batchSize,
});

const injected = (dialect: DialectName): Sql =>
  dialect === 'sqlite'
    ? sql`cast(${parameter(nowParameter)} as integer)`
    : typed(dialect, 'bigint', parameter(nowParameter));
