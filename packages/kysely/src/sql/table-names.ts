import { ConfigurationError } from '@pawl/core';
import { sql } from 'kysely';
import type { PawlTables } from '../tables.ts';
import type { Sql } from './dialect.ts';

/** The names of the tables. */
export interface NamingOptions {
  /**
   * Prefix of the names of all tables and indexes: up to 32 letters, digits and underscores.
   * Default `pawl_`.
   */
  readonly prefix?: string | undefined;
  /**
   * The schema of the tables (MySQL: the database; SQLite: the attached database). Default: the
   * schema of the connection.
   */
  readonly schema?: string | undefined;
}

const defaultPrefix = 'pawl_';

/** The name of a table without its prefix. */
export type TableName = keyof PawlTables<''>;

const names: readonly TableName[] = [
  'sessions',
  'locks',
  'blocklist',
  'single_use',
  'api_keys',
  'leases',
  'rate_limits',
  'user_times',
];

/**
 * The quoted names of all tables.
 *
 * @throws ConfigurationError if the prefix or the schema is invalid
 */
export const tableNames = (options: NamingOptions): Readonly<Record<TableName, Sql>> => {
  const { prefix, schema } = validateNaming(options);
  const tables = names.map((name) => {
    const table = `${prefix}${name}`;
    return [name, schema === undefined ? sql.id(table) : sql.id(schema, table)];
  });
  return Object.fromEntries(tables) as Record<TableName, Sql>;
};

/**
 * Validates the naming options and fills in the defaults.
 *
 * @throws ConfigurationError if the prefix or the schema is invalid
 */
export const validateNaming = ({
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
