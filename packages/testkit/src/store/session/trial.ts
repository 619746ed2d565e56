import type { SessionRecord, Store } from '@pawl/core/store';
import type { Suite } from '../../harness/suite.ts';
import type { Trial } from '../../harness/trial.ts';

/** What a test of a session store receives. */
export type SessionTrial = Trial<Pick<Store, 'sessions'>>;

/** A suite of tests of a session store. */
export type SessionSuite = Suite<Pick<Store, 'sessions'>>;

/** Reads a session without recording activity. */
export const read = async (
  { store }: SessionTrial,
  sessionId: string,
): Promise<SessionRecord | null> => (await store.sessions.find(sessionId))?.record ?? null;

/** Reads a session that must exist. */
export const readLive = async (t: SessionTrial, sessionId: string): Promise<SessionRecord> => {
  const record = await read(t, sessionId);
  if (!record) throw new Error('the store does not have the session that the test created');
  return record;
};

/** Returns the records of those ids that exist. */
export const readAll = async (t: SessionTrial, ids: Iterable<string>): Promise<SessionRecord[]> => {
  const records = await Promise.all(Array.from(ids, (id) => read(t, id)));
  return records.filter((record) => record !== null);
};
