import type { NewSession } from '@pawl/core/store';
import { newSession } from '../../fixtures/builders.ts';
import { similarIds } from '../../fixtures/similar-ids.ts';
import type { SessionTrial } from './trial.ts';

/** Creates sessions of a user one after another, each in another millisecond. Returns ids, oldest first. */
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
    await t.wait(1);
  }
  return ids;
};

/** Creates sessions with {@link similarIds}, in one millisecond if the clock is injected. */
export const createInOneMillisecond = async (
  t: SessionTrial,
  userId: string,
): Promise<string[]> => {
  const ids = similarIds(userId);
  for (const sessionId of ids) await t.store.sessions.create(newSession({ userId, sessionId }));
  return ids;
};

/** Makes `count` calls at the same time, alternating between the two nodes. */
export const runAtOnce = <R>(
  t: SessionTrial,
  count: number,
  call: (sessions: SessionTrial['store']['sessions'], index: number) => Promise<R>,
): Promise<R[]> =>
  Promise.all(
    Array.from({ length: count }, (_, i) => call((i % 2 ? t.second : t.store).sessions, i)),
  );
