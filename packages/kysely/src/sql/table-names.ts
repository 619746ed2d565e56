import { ConfigurationError } from '@pawl/core';
import { sql } from 'kysely';
import type { PawlTables } from '../tables.ts';
import type { Sql } from './dialect.ts';

/** Where the tables are. */
export interface NamingOptions {
  /** What the names of all tables and indexes begin with. Default: `pawl_`. */
  readonly prefix?: string;
  /**
   * The schema that the tables are in (MySQL: the database; SQLite: the
   * attached database). Default: that of the connection.
   */
  readonly schema?: string;
}

const defaultPrefix = 'pawl_';

export type TableName = keyof PawlTables<''>;

const names: readonly TableName[] = [
  'sessions',
  'locks',
  'blocklist',
  'single_use',
  'api_keys',
  'leases',
  'rate_limits',
];

/** @throws ConfigurationError for names that are none. */
export const tableNames = (options: NamingOptions): Readonly<Record<TableName, Sql>> => {
  const { prefix, schema } = checkNaming(options);
  const tables = names.map((name) => {
    const table = `${prefix}${name}`;
    return [name, schema === undefined ? sql.id(table) : sql.id(schema, table)];
  });
  return Object.fromEntries(tables) as Record<TableName, Sql>;
};

/** @throws ConfigurationError for names that are none. */
export const checkNaming = ({
  prefix = defaultPrefix,
  schema,
}: NamingOptions): { prefix: string; schema: string | undefined } => {
  if (!/^\w{0,32}$/.test(prefix) || /^\d/.test(prefix)) {
    throw new ConfigurationError('prefix', 'must be up to 32 letters, digits and underscores');
  }
  if (schema !== undefined && !/^[A-Za-z_]\w{0,62}$/.test(schema)) {
    throw new ConfigurationError('schema', 'must be 1 to 63 letters, digits and underscores');
  }
  return { prefix, schema };
};
