import { StoreUnavailableError } from '@pawl/core';
import type { SessionRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { returningEach, type Sql } from '../sql/dialect.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { type RecordColumn, rowOf } from './row.ts';

/**
 * Every write of a session changes one of these columns (or revokes the session), and within a
 * generation no column returns to an earlier value. So if all of them are unchanged, the row is
 * still the one that was read, and its state after the write is known without reading it again.
 */
const versionColumns = [
  'generation',
  'confirmed',
  'replays',
  'strikes',
  'last_active_at',
  'data_version',
] as const;

type VersionColumn = (typeof versionColumns)[number];
type VersionParameter = 'session_id' | 'was_regressed_at' | `was_${VersionColumn}`;

/** The condition that these columns of the row have not changed since it was read. */
export const isUnchanged = (
  p: (name: VersionParameter) => Sql,
  columns: readonly VersionColumn[] = versionColumns,
): Sql => {
  const equal = columns.map((column) => sql`${sql.raw(column)} = ${p(`was_${column}`)}`);
  return sql`session_id = ${p('session_id')} and revoked_at is null
    and coalesce(regressed_at, 0) = ${p('was_regressed_at')} and ${sql.join(equal, sql` and `)}`;
};

/** The parameters of {@link isUnchanged}. */
export const versionOf = (
  record: SessionRecord,
): Readonly<Record<VersionParameter, string | number>> => ({
  session_id: record.sessionId,
  was_regressed_at: record.regressedAt ?? 0,
  was_generation: record.generation,
  was_confirmed: record.confirmed ? 1 : 0,
  was_replays: record.replays,
  was_strikes: record.strikes,
  was_last_active_at: record.lastActiveAt,
  was_data_version: record.dataVersion,
});

/** Writes these columns of `after` if the row still equals `before`. Returns whether it wrote. */
export const compareAndSet = (
  { dialect, tables }: SqlContext,
  columns: readonly RecordColumn[],
): ((db: Database, before: SessionRecord, after: SessionRecord) => Promise<boolean>) => {
  const update = new Statement<RecordColumn | VersionParameter>((p) => {
    const assignments = columns.map((column) => sql`${sql.raw(column)} = ${p(column)}`);
    return sql`update ${tables.sessions} set ${sql.join(assignments)}
      where ${isUnchanged(p)}${returningEach(dialect)}`;
  });
  return async (db, before, after) => {
    const { affected } = await db.run(update, { ...rowOf(after), ...versionOf(before) });
    return affected === 1;
  };
};

/** The columns that a rotation writes. A step-up also writes `floor` and `attributes`. */
export const tokenColumns: readonly RecordColumn[] = [
  'generation',
  'kid',
  'token_hash',
  'salt',
  'ring',
  'access_hash',
  'previous_access_hash',
  'confirmed',
  'replays',
  'strikes',
  'late_run',
  'late_replay_at',
  'last_call_id',
  'regressed_at',
  'rotated_at',
  'issued_at',
  'last_active_at',
];

/** How often a write is attempted that lost against another write. */
const maxAttempts = 32;

/**
 * Repeats reading, deciding and writing until no other write intervenes.
 *
 * @param attempt returns undefined if another write intervened
 * @throws StoreUnavailableError after 32 attempts
 */
export const retryOnConflict = async <T>(attempt: () => Promise<T | undefined>): Promise<T> => {
  for (let i = 0; i < maxAttempts; i++) {
    const outcome = await attempt();
    if (outcome !== undefined) return outcome;
  }
  throw new StoreUnavailableError({
    cause: new Error(`${maxAttempts} attempts lost against other writes of this session`),
  });
};
