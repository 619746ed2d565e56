import {
  applyElevation,
  endOf,
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

/**
 * Reads a live session, changes it, and writes these columns. `change` returns null if the caller
 * has read an outdated record.
 */
const writeSession = (
  sqlContext: SqlContext,
  columns: readonly RecordColumn[],
): ((
  db: Database,
  sessionId: string,
  change: (record: SessionRecord, now: number) => SessionRecord | null,
) => Promise<WriteOutcome>) => {
  const read = readSession(sqlContext);
  const set = compareAndSet(sqlContext, columns);
  return (db, sessionId, change) =>
    retryOnConflict(async () => {
      const found = await read(db, sessionId);
      if (!found) return { kind: 'missing' };
      const { record, now } = found;
      const ended = endOf(record, now);
      if (ended) return { kind: ended, record, now };
      const after = change(record, now);
      if (!after) return { kind: 'conflict', record, now };
      return (await set(db, record, after)) ? { kind: 'written', record: after, now } : undefined;
    });
};

/** `SessionStore.elevate`: a read and a compare-and-set. */
export const elevateSession = (
  sqlContext: SqlContext,
): ((db: Database) => SessionStore['elevate']) => {
  const write = writeSession(sqlContext, [...tokenColumns, 'floor', 'attributes']);
  return (db) =>
    ({ sessionId, generation, next, attributes }) => {
      const change = { next: copyGeneration(next), attributes };
      return write(db, sessionId, (record, now) =>
        record.generation === generation ? applyElevation(record, change, now) : null,
      );
    };
};

/** `SessionStore.writeData`: a read and a compare-and-set. */
export const writeSessionData = (
  sqlContext: SqlContext,
): ((db: Database) => SessionStore['writeData']) => {
  const write = writeSession(sqlContext, ['claims', 'data', 'data_version']);
  return (db) =>
    ({ sessionId, dataVersion, claims, data }) =>
      write(db, sessionId, (record) =>
        record.dataVersion === dataVersion
          ? { ...record, claims, data, dataVersion: dataVersion + 1 }
          : null,
      );
};
