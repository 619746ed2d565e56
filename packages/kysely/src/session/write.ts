import {
  applyElevation,
  endOf,
  type SessionRecord,
  type SessionStore,
  type WriteOutcome,
} from '@pawl/core/store';
import type { Database } from '../sql/database.ts';
import type { Grammar } from '../sql/sql-context.ts';
import { compareAndSet, tokenColumns, untilUndisturbed } from './compare-and-set.ts';
import { ownGenerationRecord } from './copy-bytes.ts';
import { readSession } from './read.ts';
import type { RecordColumn } from './row.ts';

/** Reads a live session, changes it, and writes these columns of it; or says why not. */
const writeSession = (
  grammar: Grammar,
  columns: readonly RecordColumn[],
): ((
  db: Database,
  sessionId: string,
  change: (record: SessionRecord, now: number) => SessionRecord | null,
) => Promise<WriteOutcome>) => {
  const read = readSession(grammar);
  const set = compareAndSet(grammar, columns);
  return (db, sessionId, change) =>
    untilUndisturbed(async () => {
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

export const elevateSession = (grammar: Grammar): ((db: Database) => SessionStore['elevate']) => {
  const write = writeSession(grammar, [...tokenColumns, 'floor', 'attributes']);
  return (db) =>
    ({ sessionId, generation, next, attributes }) => {
      const change = { next: ownGenerationRecord(next), attributes };
      return write(db, sessionId, (record, now) =>
        record.generation === generation ? applyElevation(record, change, now) : null,
      );
    };
};

export const writeSessionData = (
  grammar: Grammar,
): ((db: Database) => SessionStore['writeData']) => {
  const write = writeSession(grammar, ['claims', 'data', 'data_version']);
  return (db) =>
    ({ sessionId, dataVersion, claims, data }) =>
      write(db, sessionId, (record) =>
        record.dataVersion === dataVersion
          ? { ...record, claims, data, dataVersion: dataVersion + 1 }
          : null,
      );
};
