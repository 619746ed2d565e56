import { type RawBuilder, sql } from 'kysely';

/** A piece of SQL. */
export type Sql = RawBuilder<unknown>;

/** The SQL dialect of a database. Use `mysql` for MariaDB, too. */
export type DialectName = 'postgres' | 'mysql' | 'sqlite';

/**
 * The store's time in whole ms: the time at which the statement arrived at the server, constant
 * within the statement. It does not depend on the time zone of the connection.
 */
export const storeTime: Readonly<Record<DialectName, Sql>> = {
  postgres: sql`floor(date_part('epoch', statement_timestamp()) * 1000)::bigint`,
  mysql: sql`(timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)`,
  sqlite: sql`cast(round(unixepoch('subsec') * 1000) as integer)`,
};

/** Whether `insert`, `update` and `delete` can return the rows that they changed. */
export const hasReturning = (dialect: DialectName): boolean => dialect !== 'mysql';

/**
 * SQLite's drivers do not all count the rows that a write changed, so the statement returns one column
 * of each.
 */
export const returningEach = (dialect: DialectName): Sql =>
  dialect === 'sqlite' ? sql` returning 1 as changed` : sql``;

export const greatest = (dialect: DialectName, a: Sql, b: Sql): Sql =>
  dialect === 'sqlite' ? sql`max(${a}, ${b})` : sql`greatest(${a}, ${b})`;

export const least = (dialect: DialectName, a: Sql, b: Sql): Sql =>
  dialect === 'sqlite' ? sql`min(${a}, ${b})` : sql`least(${a}, ${b})`;

/** Casts a parameter whose type PostgreSQL cannot infer from its position. */
export const typed = (dialect: DialectName, type: 'text' | 'bigint' | 'bytea', value: Sql): Sql =>
  dialect === 'postgres' ? sql`cast(${value} as ${sql.raw(type)})` : value;

/** Makes a `select` lock the rows that it reads, and see their latest committed version. */
export const forUpdate = (dialect: DialectName): Sql =>
  dialect === 'sqlite' ? sql`` : sql`for update`;
