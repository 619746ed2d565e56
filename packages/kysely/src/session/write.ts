import {
  applyDataWrite,
  applyElevation,
  type DecidedWrite,
  type SessionRecord,
  type SessionStore,
  type WriteOutcome,
} from '@pawl/core/store';
import type { Database } from '../sql/database.ts';
import type { SqlContext } from '../sql/sql-context.ts';
import { compareAndSet, retryOnConflict, tokenColumns } from './compare-and-set.ts';
import { copyGeneration } from './copy-bytes.ts';
import { readSession } from './read.ts';
import type { RecordColumn } from './row.ts';

/** Reads a session, lets core decide about the write, and writes these columns. */
const writeSession = (
  sqlContext: SqlContext,
  columns: readonly RecordColumn[],
): ((
  db: Database,
  sessionId: string,
  decide: (record: SessionRecord, now: number) => DecidedWrite,
) => Promise<WriteOutcome>) => {
  const read = readSession(sqlContext);
  const set = compareAndSet(sqlContext, columns);
  return (db, sessionId, decide) =>
    retryOnConflict(async () => {
      const found = await read(db, sessionId);
      if (!found) return { kind: 'missing' };
      const { record, now } = found;
      const decided = decide(record, now);
      if (decided.record === record) return { ...decided, now };
      return (await set(db, record, decided.record)) ? { ...decided, now } : undefined;
    });
};

/** `SessionStore.elevate`: a read and a compare-and-set. */
export const elevateSession = (
  sqlContext: SqlContext,
): ((db: Database) => SessionStore['elevate']) => {
  const write = writeSession(sqlContext, [...tokenColumns, 'floor', 'attributes']);
  return (db) => (input) => {
    const change = { ...input, next: copyGeneration(input.next) };
    return write(db, input.sessionId, (record, now) => applyElevation(record, change, now));
  };
};

/** `SessionStore.writeData`: a read and a compare-and-set. */
export const writeSessionData = (
  sqlContext: SqlContext,
): ((db: Database) => SessionStore['writeData']) => {
  const write = writeSession(sqlContext, ['claims', 'data', 'data_version', 'data_call_ids']);
  return (db) => (input) =>
    write(db, input.sessionId, (record, now) => applyDataWrite(record, input, now));
};
