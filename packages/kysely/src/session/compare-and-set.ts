import { StoreUnavailableError } from '@pawl/core';
import type { SessionRecord } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import type { Sql } from '../sql/dialect.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { type RecordColumn, rowOf } from './row.ts';

/**
 * Every write of a session moves one of these columns on (or revokes it), and
 * within a generation none of them comes back to an earlier value. So a row
 * that still has them all is the row that was read, and what it is after the
 * write is known without reading it again.
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
type VersionParameter = 'session_id' | `was_${VersionColumn}`;

/** A condition: the row is still what was read, in these columns at least. */
export const isUnchanged = (
  p: (name: VersionParameter) => Sql,
  columns: readonly VersionColumn[] = versionColumns,
): Sql => {
  const equal = columns.map((column) => sql`${sql.raw(column)} = ${p(`was_${column}`)}`);
  return sql`session_id = ${p('session_id')} and revoked_at is null and ${sql.join(equal, sql` and `)}`;
};

export const versionOf = (
  record: SessionRecord,
): Readonly<Record<VersionParameter, string | number>> => ({
  session_id: record.sessionId,
  was_generation: record.generation,
  was_confirmed: record.confirmed ? 1 : 0,
  was_replays: record.replays,
  was_strikes: record.strikes,
  was_last_active_at: record.lastActiveAt,
  was_data_version: record.dataVersion,
});

/** Writes these columns of `after`, if the row is still `before`; answers whether it was. */
export const compareAndSet = (
  { tables }: Grammar,
  columns: readonly RecordColumn[],
): ((db: Database, before: SessionRecord, after: SessionRecord) => Promise<boolean>) => {
  const update = new Statement<RecordColumn | VersionParameter>((p) => {
    const assignments = columns.map((column) => sql`${sql.raw(column)} = ${p(column)}`);
    return sql`update ${tables.sessions} set ${sql.join(assignments)} where ${isUnchanged(p)}`;
  });
  return async (db, before, after) => {
    const { affected } = await db.run(update, { ...rowOf(after), ...versionOf(before) });
    return affected === 1;
  };
};

/** What a rotation writes, and (but for `floor` and `attributes`) a step-up. */
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
  'rotated_at',
  'issued_at',
  'last_active_at',
];

/** How often a write that lost against another one is tried from the start. */
const maxRounds = 32;

/** Repeats reading, deciding and writing until no other write comes between. */
export const untilUndisturbed = async <T>(round: () => Promise<T | undefined>): Promise<T> => {
  for (let i = 0; i < maxRounds; i++) {
    const outcome = await round();
    if (outcome !== undefined) return outcome;
  }
  throw new StoreUnavailableError({
    cause: new Error('other writes of this session kept winning'),
  });
};
