import { ConfigurationError, StoreRecordError } from '@pawl/core';
import { isBytes } from '@pawl/core/internal';
import type { DialectName } from '../sql/dialect.ts';

/** A setting of a connection, and its values under which every guarantee of the store holds. */
interface Setting {
  readonly name: string;
  readonly allows: (value: string) => boolean;
  /** What is required, and what would happen otherwise. */
  readonly problem: string;
  /** Whether some servers do not have it. */
  readonly isOptional?: true;
}

const isOff = (value: string): boolean => ['0', 'off'].includes(value);
const isUtf8 = (value: string): boolean => value === 'utf8mb4' || value === '';
const hasMode = (value: string, mode: string): boolean => value.split(',').includes(mode);

const missingRows = 'must be unlimited: records would be missing';
const dirtyReads = 'a check would see what is rolled back later';
const lostCharacters =
  'must be utf8mb4: other characters become "?", and two users become one; see the option charset of mysql2';

const mysql: readonly Setting[] = [
  {
    name: 'autocommit',
    allows: (value) => !isOff(value),
    problem: 'must be on: writes would not be committed',
  },
  {
    name: 'completion_type',
    allows: (value) => value === '0' || value === 'no_chain',
    problem: 'must be NO_CHAIN: writes after a transaction would not be committed',
  },
  {
    name: 'sql_mode',
    allows: (value) => !hasMode(value, 'empty_string_is_null'),
    problem: 'must not contain EMPTY_STRING_IS_NULL: a revocation would find no session',
  },
  {
    name: 'sql_mode',
    allows: (value) => !hasMode(value, 'no_backslash_escapes'),
    problem: 'must not contain NO_BACKSLASH_ESCAPES: mysql2 escapes quotes with a backslash',
  },
  {
    name: 'sql_mode',
    allows: (value) => hasMode(value, 'strict_trans_tables') || hasMode(value, 'strict_all_tables'),
    problem:
      'must contain STRICT_TRANS_TABLES: long ids would be cut off, and two users become one',
  },
  {
    name: 'sql_select_limit',
    // Larger than any list; the default has 20 digits.
    allows: (value) => value.length > 9,
    problem: missingRows,
  },
  {
    name: 'sql_safe_updates',
    allows: isOff,
    problem: 'must be off: the cleanup would be refused',
  },
  { name: 'character_set_client', allows: isUtf8, problem: lostCharacters },
  { name: 'character_set_connection', allows: isUtf8, problem: lostCharacters },
  { name: 'character_set_results', allows: isUtf8, problem: lostCharacters },
  ...['transaction_isolation', 'tx_isolation'].map((name) => ({
    name,
    allows: (value: string) => value !== 'read-uncommitted',
    problem: `must not be READ-UNCOMMITTED: ${dirtyReads}`,
    isOptional: true as const,
  })),
];

const postgres: readonly Setting[] = [
  {
    name: 'client_encoding',
    allows: (value) => value === 'utf8',
    problem: 'must be UTF8: text would be changed',
  },
  {
    name: 'server_encoding',
    allows: (value) => value === 'utf8',
    problem: 'must be UTF8: not every text could be stored',
  },
];

const sqlite: readonly Setting[] = [
  {
    name: 'journal_mode',
    allows: (value) => value !== 'off',
    problem: 'must not be off: nothing could be rolled back',
    isOptional: true,
  },
  {
    name: 'read_uncommitted',
    allows: isOff,
    problem: `must be off: ${dirtyReads}`,
    isOptional: true,
  },
];

const settings: Readonly<Record<DialectName, readonly Setting[]>> = { postgres, mysql, sqlite };

const quotedNames = (dialect: DialectName): string =>
  [...new Set(settings[dialect].map(({ name }) => `'${name}'`))].join(', ');

/** The statement that reads the settings, as rows of a name and a value. */
export const readSettings: Readonly<Record<DialectName, string>> = {
  postgres: `select name, setting from pg_settings where name in (${quotedNames('postgres')})`,
  mysql: `show session variables where variable_name in (${quotedNames('mysql')})`,
  sqlite: `select 'journal_mode' as name, journal_mode as value from pragma_journal_mode
    union all select 'read_uncommitted', read_uncommitted from pragma_read_uncommitted`,
};

/**
 * Checks the rows of {@link readSettings}, whatever the driver calls their columns.
 *
 * @throws ConfigurationError, which names the setting; StoreRecordError if a setting is missing
 */
export const validateSettings = (dialect: DialectName, rows: readonly unknown[]): void => {
  const values = new Map(
    rows.map((row) => {
      const [name, value] = cellsOf(row).map((cell) => String(cell ?? '').toLowerCase());
      return [name, value];
    }),
  );
  for (const { name, allows, problem, isOptional } of settings[dialect]) {
    const value = values.get(name);
    if (value === undefined && !isOptional) {
      // The limit holds for these rows, too.
      if (dialect === 'mysql') throw new ConfigurationError('sql_select_limit', missingRows);
      throw new StoreRecordError(`the setting ${name} of the connection is missing`);
    }
    if (value !== undefined && !allows(value)) throw new ConfigurationError(name, problem);
  }
};

/** The values of a row: of an array, of an object, or of an object for each table. */
const cellsOf = (row: unknown): (string | Uint8Array)[] =>
  Object.values(row as object).flatMap((cell: unknown) =>
    typeof cell === 'object' && cell !== null && !isBytes(cell)
      ? (Object.values(cell) as string[])
      : [cell as string],
  );
