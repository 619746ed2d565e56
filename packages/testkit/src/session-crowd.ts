import type { NewSession } from '@pawl/core/store';
import { newId, newSession } from './builders.ts';
import type { SessionTrial } from './session-trial.ts';

/** As bytes, for ids. */
export const byText = (a: string, b: string): number => (a < b ? -1 : 1);

/** Stores sessions of a user one after another, each in a millisecond of its own; oldest first. */
export const createInTurn = async (
  t: SessionTrial,
  userId: string,
  count: number,
  overrides: Partial<NewSession> = {},
): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const session = newSession({ ...overrides, userId });
    await t.store.sessions.create(session);
    ids.push(session.sessionId);
    await t.pass(1);
  }
  return ids;
};

/**
 * Ids of a user that differ in one character only, and that a collation (lower
 * before upper case, signs last) would put in another order than their bytes.
 */
export const similarIds = (userId: string): string[] => {
  const id = newId(userId).slice(0, -1);
  return ['a', 'B', '_', 'A', 'b', '-', '0'].map((last) => id + last);
};

/** Stores sessions with {@link similarIds}; with an injected clock, in one millisecond. */
export const createAtOnce = async (t: SessionTrial, userId: string): Promise<string[]> => {
  const ids = similarIds(userId);
  for (const sessionId of ids) await t.store.sessions.create(newSession({ userId, sessionId }));
  return ids;
};

/** Runs `count` calls at the same time, on two nodes in turn. */
export const atOnce = <R>(
  t: SessionTrial,
  count: number,
  call: (sessions: SessionTrial['store']['sessions'], index: number) => Promise<R>,
): Promise<R[]> =>
  Promise.all(
    Array.from({ length: count }, (_, i) => call((i % 2 ? t.second : t.store).sessions, i)),
  );
