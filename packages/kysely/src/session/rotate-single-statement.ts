import type { RotationInput, RotationOutcome } from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { greatest, type Sql } from '../sql/dialect.ts';
import { numberIn } from '../sql/row-values.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import { isLive } from './live.ts';
import { recordList, recordOf } from './row.ts';

/**
 * The outcome `rotated` of the decision table as one statement. Returns null if another outcome is
 * possible, also if the clock has stepped back since the last rotation.
 */
export const rotateInSingleStatement = (
  sqlContext: SqlContext,
): ((db: Database, input: RotationInput) => Promise<RotationOutcome | null>) => {
  const { dialect, tables, now } = sqlContext;
  // A late replay returns the generation again.
  const lastHandedOut = greatest(
    dialect,
    sql`rotated_at`,
    sql`coalesce(late_replay_at, rotated_at)`,
  );
  const update = new Statement<
    | 'sessionId'
    | 'generation'
    | 'presented'
    | 'settlePeriod'
    | 'kid'
    | 'tokenHash'
    | 'salt'
    | 'accessHash'
    | 'issuedAt'
  >(
    (p) => sql`update ${tables.sessions} set
        generation = generation + 1,
        kid = ${p('kid')},
        token_hash = ${p('tokenHash')},
        salt = ${p('salt')},
        ring = ${ringAfter(dialect)},
        previous_access_hash = access_hash,
        access_hash = ${p('accessHash')},
        confirmed = 0,
        replays = 0,
        strikes = 0,
        late_run = case when late_replay_at is null then 0 else late_run end,
        late_replay_at = null,
        last_call_id = null,
        previous_rotated_at = ${lastHandedOut},
        rotated_at = ${now},
        issued_at = ${p('issuedAt')},
        last_active_at = ${greatest(dialect, sql`last_active_at`, now)}
      where session_id = ${p('sessionId')}
        and generation = ${p('generation')} and token_hash = ${p('presented')}
        and regressed_at is null
        and (generation = 0 or ${lastHandedOut} + ${p('settlePeriod')} <= ${now})
        and ${isLive(sqlContext)}
      returning ${recordList}, previous_rotated_at`,
  );

  return async (db, { sessionId, generation, tokenHash, next, policy }) => {
    const { rowIfAny: row } = await db.run(update, {
      ...next,
      sessionId,
      generation,
      presented: tokenHash,
      settlePeriod: policy.settlePeriod,
    });
    if (!row) return null;
    const record = recordOf(row);
    const age = record.rotatedAt - numberIn(row, 'previous_rotated_at');
    return { kind: 'rotated', record, age, now: record.rotatedAt };
  };
};

/** Puts the first 8 bytes of the consumed hash before those of up to three earlier hashes. */
const ringAfter = (dialect: SqlContext['dialect']): Sql =>
  dialect === 'sqlite'
    ? // SQLite concatenates two blobs to a text with the same bytes, of which substr counts characters.
      sql`substr(cast(substr(token_hash, 1, 8) || ring as blob), 1, 32)`
    : sql`substr(substr(token_hash, 1, 8) || ring, 1, 32)`;
