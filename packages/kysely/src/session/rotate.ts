import {
  applyRotation,
  decideRotation,
  type RotationInput,
  type RotationOutcome,
  type SessionRecord,
  type SessionStore,
} from '@pawl/core/store';
import { sql } from 'kysely';
import type { Database } from '../sql/database.ts';
import { hasReturning } from '../sql/dialect.ts';
import { numberIn } from '../sql/row-values.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import {
  compareAndSet,
  isUnchanged,
  retryOnConflict,
  tokenColumns,
  versionOf,
} from './compare-and-set.ts';
import { copyGeneration } from './copy-bytes.ts';
import { readSession } from './read.ts';
import { rotateInSingleStatement } from './rotate-single-statement.ts';

/**
 * `SessionStore.rotate`. On dialects with `returning`, a rotation is one `update` that contains the
 * whole condition. Every other outcome reads the record, lets core decide, and writes if the record
 * has not changed since.
 */
export const rotateSession = (
  sqlContext: SqlContext,
): ((db: Database) => SessionStore['rotate']) => {
  const rotateInOne = hasReturning(sqlContext.dialect)
    ? rotateInSingleStatement(sqlContext)
    : undefined;
  const read = readSession(sqlContext);
  const setTokens = compareAndSet(sqlContext, tokenColumns);
  const setState = compareAndSet(sqlContext, [
    'confirmed',
    'strikes',
    'late_run',
    'last_call_id',
    'regressed_at',
    'revoked_at',
    'revoked_reason',
    'revoked_by',
  ]);
  const setReplay = compareAndSet(sqlContext, [
    'replays',
    'late_run',
    'late_replay_at',
    'issued_at',
    'last_call_id',
  ]);
  const countReplay = replayCounter(sqlContext);

  const decide = async (
    db: Database,
    input: RotationInput,
  ): Promise<RotationOutcome | undefined> => {
    const found = await read(db, input.sessionId);
    if (!found) return { kind: 'missing' };
    const { record, now } = found;
    const outcome = applyRotation(record, input, now);
    if (outcome.record === record) return outcome;
    if (decideRotation(record, input, now) === 'replayed') {
      const limit = replayLimit(record, input, now);
      const replays = await countReplay(db, record, limit, input.callId);
      return replays === null ? undefined : { ...outcome, record: { ...outcome.record, replays } };
    }
    const setOther = outcome.kind === 'replayed' ? setReplay : setState;
    const set = outcome.kind === 'rotated' ? setTokens : setOther;
    return (await set(db, record, outcome.record)) ? outcome : undefined;
  };

  return (db) => async (input) =>
    (await rotateInOne?.(db, input)) ??
    retryOnConflict(() =>
      decide(db, {
        ...input,
        next: copyGeneration(input.next),
        callId: new Uint8Array(input.callId),
      }),
    );
};

/** The number of replays at which the decision changes, if nothing else in the record changes. */
const replayLimit = (record: SessionRecord, input: RotationInput, now: number): number => {
  const { maxReplays, maxUnconfirmedReplays } = input.policy;
  const limits = [maxReplays, maxUnconfirmedReplays].filter(
    (limit) => decideRotation({ ...record, replays: limit - 1 }, input, now) === 'replayed',
  );
  return Math.max(...limits);
};

/**
 * Counts a replay if the limit is not reached, and returns the count, otherwise null; also where the
 * same call, under way twice, has counted it. Concurrent replays do not conflict with each other; otherwise 64 of them would take 64 attempts.
 */
const replayCounter = ({
  dialect,
  tables,
}: SqlContext): ((
  db: Database,
  record: SessionRecord,
  limit: number,
  callId: Uint8Array,
) => Promise<number | null>) => {
  const update = new Statement<'limit' | 'callId' | keyof ReturnType<typeof versionOf>>((p) => {
    const callId = sql`last_call_id = ${p('callId')}`;
    const isReplay = sql`${isUnchanged(p, ['generation', 'confirmed', 'strikes', 'last_active_at', 'data_version'])}
      and replays < ${p('limit')} and (last_call_id is null or last_call_id <> ${p('callId')})`;
    return hasReturning(dialect)
      ? sql`update ${tables.sessions} set replays = replays + 1, ${callId} where ${isReplay} returning replays`
      : sql`update ${tables.sessions} set replays = last_insert_id(replays + 1), ${callId} where ${isReplay}`;
  });
  return async (db, record, limit, callId) => {
    const result = await db.run(update, { limit, callId, ...versionOf(record) });
    if (!hasReturning(dialect)) return result.insertId || null;
    const row = result.rowIfAny;
    return row ? numberIn(row, 'replays') : null;
  };
};
