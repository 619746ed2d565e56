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
import type { Grammar } from '../sql/sql-context.ts';
import { Statement } from '../sql/statement.ts';
import {
  compareAndSet,
  isUnchanged,
  tokenColumns,
  untilUndisturbed,
  versionOf,
} from './compare-and-set.ts';
import { ownGenerationRecord } from './copy-bytes.ts';
import { readSession } from './read.ts';
import { rotateAtOnce } from './rotate-single-statement.ts';

/**
 * Where the dialect can, the rotation itself is one `update … returning` that
 * holds the whole condition. Everything else reads the record, lets the core
 * decide, and writes if the record is still what the decision was about.
 */
export const rotateSession = (grammar: Grammar): ((db: Database) => SessionStore['rotate']) => {
  const atOnce = hasReturning(grammar.dialect) ? rotateAtOnce(grammar) : undefined;
  const read = readSession(grammar);
  const setTokens = compareAndSet(grammar, tokenColumns);
  const setState = compareAndSet(grammar, ['confirmed', 'strikes', 'revoked_at', 'revoked_reason']);
  const setReplay = compareAndSet(grammar, ['replays', 'rotated_at', 'issued_at']);
  const countReplay = replayCounter(grammar);

  const decide = async (
    db: Database,
    request: RotationInput,
  ): Promise<RotationOutcome | undefined> => {
    const found = await read(db, request.sessionId);
    if (!found) return { kind: 'missing' };
    const { record, now } = found;
    const outcome = applyRotation(record, request, now);
    if (outcome.record === record) return outcome;
    if (decideRotation(record, request, now) === 'replayed') {
      const replays = await countReplay(db, record, replayLimit(record, request, now));
      return replays === null ? undefined : { ...outcome, record: { ...record, replays } };
    }
    const setOther = outcome.kind === 'replayed' ? setReplay : setState;
    const set = outcome.kind === 'rotated' ? setTokens : setOther;
    return (await set(db, record, outcome.record)) ? outcome : undefined;
  };

  return (db) => async (request) =>
    (await atOnce?.(db, request)) ??
    untilUndisturbed(() => decide(db, { ...request, next: ownGenerationRecord(request.next) }));
};

/** Up to which count of replays the table still answers with one, all else being equal. */
const replayLimit = (record: SessionRecord, request: RotationInput, now: number): number => {
  const { maxReplays, maxUnconfirmedReplays } = request.policy;
  const open = [maxReplays, maxUnconfirmedReplays].filter(
    (limit) => decideRotation({ ...record, replays: limit - 1 }, request, now) === 'replayed',
  );
  return Math.max(...open);
};

/**
 * Counts a replay below a limit, and answers the count or null. Racing replays
 * do not disturb each other, or 64 of them would take 64 rounds.
 */
const replayCounter = ({
  dialect,
  tables,
}: Grammar): ((db: Database, record: SessionRecord, limit: number) => Promise<number | null>) => {
  const update = new Statement<'limit' | keyof ReturnType<typeof versionOf>>((p) => {
    const isReplay = sql`${isUnchanged(p, ['generation', 'confirmed', 'strikes', 'last_active_at', 'data_version'])}
      and replays < ${p('limit')}`;
    return hasReturning(dialect)
      ? sql`update ${tables.sessions} set replays = replays + 1 where ${isReplay} returning replays`
      : sql`update ${tables.sessions} set replays = last_insert_id(replays + 1) where ${isReplay}`;
  });
  return async (db, record, limit) => {
    const { rows, insertId } = await db.run(update, { limit, ...versionOf(record) });
    return Number(rows[0]?.replays ?? insertId) || null;
  };
};
