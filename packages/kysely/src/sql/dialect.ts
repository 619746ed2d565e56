import { type RawBuilder, sql } from 'kysely';

/** A piece of SQL. */
export type Sql = RawBuilder<unknown>;

/** `mysql` stands for MariaDB too. */
export type DialectName = 'postgres' | 'mysql' | 'sqlite';

/**
 * The store's time in whole ms, the same all through one statement: when it
 * arrived at the server. Of the zones and summer times of a session's settings
 * none can move it.
 */
export const storeTime: Readonly<Record<DialectName, Sql>> = {
  postgres: sql`floor(date_part('epoch', statement_timestamp()) * 1000)::bigint`,
  mysql: sql`(timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000)`,
  sqlite: sql`cast(round(unixepoch('subsec') * 1000) as integer)`,
};

/** Whether `insert`, `update` and `delete` can answer the rows that they changed. */
export const hasReturning = (dialect: DialectName): boolean => dialect !== 'mysql';

export const greatest = (dialect: DialectName, a: Sql, b: Sql): Sql =>
  dialect === 'sqlite' ? sql`max(${a}, ${b})` : sql`greatest(${a}, ${b})`;

export const least = (dialect: DialectName, a: Sql, b: Sql): Sql =>
  dialect === 'sqlite' ? sql`min(${a}, ${b})` : sql`least(${a}, ${b})`;

/** A parameter whose type PostgreSQL cannot tell from where it stands. */
export const typed = (dialect: DialectName, type: 'text' | 'bigint' | 'bytea', value: Sql): Sql =>
  dialect === 'postgres' ? sql`cast(${value} as ${sql.raw(type)})` : value;

/** Makes a `select` lock what it reads, and see what was committed last. */
export const forUpdate = (dialect: DialectName): Sql =>
  dialect === 'sqlite' ? sql`` : sql`for update`;
