import type { SessionRecord, Store } from '@pawl/core/store';
import type { Suite } from '../../harness/suite.ts';
import type { Trial } from '../../harness/trial.ts';

/** A trial of a store that has sessions. */
export type SessionTrial = Trial<Pick<Store, 'sessions'>>;

/** A suite for a store that has sessions. */
export type SessionSuite = Suite<Pick<Store, 'sessions'>>;

/** Reads a session without leaving a trace. */
export const read = async (
  { store }: SessionTrial,
  sessionId: string,
): Promise<SessionRecord | null> => (await store.sessions.find(sessionId))?.record ?? null;

/** Reads a session that has to be there. */
export const readLive = async (t: SessionTrial, sessionId: string): Promise<SessionRecord> => {
  const record = await read(t, sessionId);
  if (!record) throw new Error('the store has lost the session of this test');
  return record;
};

/** The records of these ids, of those that exist. */
export const readAll = async (t: SessionTrial, ids: Iterable<string>): Promise<SessionRecord[]> => {
  const records = await Promise.all(Array.from(ids, (id) => read(t, id)));
  return records.filter((record) => record !== null);
};
