import { ConfigurationError, isPawlError, StoreUnavailableError } from '@pawl/core';
import type { Store } from '@pawl/core/store';
import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { DialectName, Sql } from '../sql/dialect.ts';
import { driverErrorOf, isWrongServer } from '../sql/failure.ts';
import { wholeNumber } from '../sql/row-values.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { newProbeKeys, type ProbeKeys, probeStore } from './probe.ts';
import { readSettings, validateSettings } from './settings.ts';

/**
 * Finds options of the driver and settings of the server that take a guarantee away: reads the settings,
 * and writes and reads through every part of the store. Removes what it has written.
 *
 * @throws ConfigurationError, which names the option or the setting; StoreUnavailableError
 */
export const checkStore = async (
  db: Kysely<unknown>,
  { dialect, tables }: SqlContext,
  store: Store,
): Promise<void> => {
  const keys = newProbeKeys();
  try {
    await checkAnswers(db, dialect);
    await checkSettings(db, dialect);
    await probeStore(store, keys);
  } catch (error) {
    throw namedFailure(error, dialect);
  } finally {
    await removeProbe(db, tables, keys).catch(() => {});
  }
};

const probeValues: Readonly<Record<DialectName, string>> = {
  postgres: `select cast(9007199254740991 as bigint) as probe_number, 'a' as probe_text,
    decode('00ff', 'hex') as probe_bytes`,
  mysql: `select 9007199254740991 as probe_number, 'a' as probe_text, x'00ff' as probe_bytes`,
  sqlite: `select 9007199254740991 as probe_number, 'a' as probe_text, x'00ff' as probe_bytes`,
};

/** The option of the driver by which rows are arrays, or values are converted. */
const optionNames: Readonly<Record<DialectName, { rows: string; values: string }>> = {
  postgres: { rows: 'rowMode', values: 'types' },
  mysql: { rows: 'rowsAsArray', values: 'typeCast' },
  sqlite: { rows: 'returnArrays', values: 'db' },
};

/** Checks in which form the driver returns values. */
const checkAnswers = async (db: Kysely<unknown>, dialect: DialectName): Promise<void> => {
  const { rows } = await db.executeQuery(CompiledQuery.raw(probeValues[dialect]));
  const names = optionNames[dialect];
  const row: unknown = rows?.[0];
  if (Array.isArray(row)) throw new ConfigurationError(names.rows, 'must be off: rows are arrays');
  const values = (row ?? {}) as Readonly<Record<string, unknown>>;
  if (!('probe_number' in values)) {
    throw Object.keys(values).length === 1
      ? new ConfigurationError('nestTables', 'must be off: the columns are missing in the rows')
      : new ConfigurationError('transform', 'must not rename columns, nor may a plugin of Kysely');
  }
  if (wholeNumber(values.probe_number) !== 9_007_199_254_740_991) {
    throw new ConfigurationError(names.values, 'must return 8-byte integers exactly');
  }
  if (values.probe_text !== 'a') {
    throw new ConfigurationError(names.values, 'must return text as strings');
  }
  if (Array.from((values.probe_bytes ?? []) as Uint8Array).join() !== '0,255') {
    throw new ConfigurationError(names.values, 'must return bytes unchanged, as a Uint8Array');
  }
};

/** Why a database refuses writes, as one row with the name of the setting, or null. */
const readOnlyReasons: Readonly<Record<DialectName, Sql>> = {
  postgres: sql`select case
    when pg_is_in_recovery() then 'hot_standby'
    when current_setting('transaction_read_only') = 'on' then 'default_transaction_read_only'
    end as reason`,
  mysql: sql`select case when abs(timestampdiff(second, now(), sysdate())) > 5 then 'timestamp' end
    as reason`,
  sqlite: sql`select case when query_only = 1 then 'query_only' end as reason
    from pragma_query_only`,
};

const problems: Readonly<Record<string, string>> = {
  hot_standby: 'must be the primary: this server is a standby, which refuses writes',
  default_transaction_read_only: 'must be off: every write is refused',
  timestamp: 'must be 0: the time of the connection stands still, so that nothing expires',
  query_only: 'must be off: every write is refused',
};

const checkSettings = async (db: Kysely<unknown>, dialect: DialectName): Promise<void> => {
  try {
    const settings = await db.executeQuery(CompiledQuery.raw(readSettings[dialect]));
    validateSettings(dialect, settings.rows);
    const query = sql<{ reason: string | null }>`${readOnlyReasons[dialect]}`;
    const reason = (await query.execute(db)).rows[0]?.reason;
    if (reason) throw new ConfigurationError(reason, problems[reason] as string);
  } catch (error) {
    // Cloudflare D1 has no such settings, and refuses to read them.
    if (!(dialect === 'sqlite' && String(error).includes('SQLITE_AUTH'))) throw error;
  }
};

/** Errors of drivers by which tables, columns or rights are missing. */
const missingTables = new Set<unknown>(['42P01', '42703', '3F000', 1146, 1054, 1049]);
const missingRights = new Set<unknown>(['42501', '28000', '28P01', 1142, 1143, 1044, 1045]);

const namedFailure = (error: unknown, dialect: DialectName): unknown => {
  const { code, errno } = driverErrorOf(error);
  const cause: unknown = isPawlError(error) ? (error.cause ?? error) : error;
  // A setting of a connection.
  if (isPawlError(cause) && cause.code === 'ERR_CONFIGURATION') return cause;
  const text = String(cause);
  if (/attempts lost/.test(text)) {
    return new ConfigurationError('db', 'an update finds no row; does a row policy hide it?');
  }
  if (missingTables.has(code) || missingTables.has(errno) || /no such (table|column)/.test(text)) {
    return new ConfigurationError('db', 'has no tables of this version: run `migrate`');
  }
  if (missingRights.has(code) || missingRights.has(errno)) {
    return new ConfigurationError('db', 'its user needs select, insert, update and delete');
  }
  if (isWrongServer(error) || /readonly/.test(text)) {
    return new ConfigurationError('db', 'refuses writes: it is read-only, or a replica');
  }
  if (isPawlError(error) && error.code === 'ERR_STORE_RECORD') {
    return new ConfigurationError(optionNames[dialect].values, error.message);
  }
  return isPawlError(error) ? error : new StoreUnavailableError({ cause: error });
};

const removeProbe = async (
  db: Kysely<unknown>,
  tables: SqlContext['tables'],
  { sessionId, keyId, id }: ProbeKeys,
): Promise<void> => {
  await sql`delete from ${tables.sessions} where session_id = ${sessionId}`.execute(db);
  await sql`delete from ${tables.api_keys} where key_id = ${keyId}`.execute(db);
  await sql`delete from ${tables.leases} where name = ${id}`.execute(db);
  for (const table of [tables.blocklist, tables.single_use, tables.rate_limits]) {
    await sql`delete from ${table} where id = ${id}`.execute(db);
  }
};
