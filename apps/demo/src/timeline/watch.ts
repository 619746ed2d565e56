import { endOf, type SessionStore } from '@pawl/core/store';
import type { Timeline } from './timeline.ts';

export interface RevocationWatch {
  readonly stop: () => void;
}

/**
 * In ms: the feed is faster than the core, which tells in the right order why a session
 * of its own ended. What it does not tell meanwhile has ended elsewhere.
 */
const precedence = 100;
/** In ms: how long a session may have been over before an open page hears of it. */
const pollInterval = 400;
/** One poll of so many, where the store's feed tells of revocations by itself: sessions also expire. */
const restful = 50;

/**
 * Tells the timeline of sessions that ended on any node: by the store's feed where
 * it has one that is whole, else by asking for each session that has an open page.
 */
export const watchRevocations = (store: SessionStore, timeline: Timeline): RevocationWatch => {
  let fed = false;
  const unsubscribe = store.subscribe?.({
    revoked: (sessionId, reason) => {
      if (!timeline.followed().includes(sessionId)) return;
      const end = { type: 'session.revoked', reason } as const;
      setTimeout(() => timeline.ended(sessionId, end), precedence).unref();
    },
    connected: (connected) => {
      fed = connected;
    },
  });

  const look = async (sessionId: string): Promise<void> => {
    const found = await store.find(sessionId);
    const end = found ? endOf(found.record, found.now) : 'expired';
    if (end === 'expired') timeline.ended(sessionId, { type: 'session.expired' });
    if (end === 'revoked') {
      const reason = found?.record.revokedReason ?? 'revoked';
      timeline.ended(sessionId, { type: 'session.revoked', reason });
    }
  };

  let polls = 0;
  let polling = false;
  const poll = async (): Promise<void> => {
    polls++;
    if (polling || (fed && polls % restful !== 0)) return;
    polling = true;
    // A store that does not answer has ended nothing.
    await Promise.allSettled(timeline.followed().map(look));
    polling = false;
  };
  const timer = setInterval(() => void poll(), pollInterval).unref();
  return {
    stop: () => {
      clearInterval(timer);
      unsubscribe?.();
    },
  };
};
