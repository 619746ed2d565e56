import { endOf, type SessionStore } from '@pawl/core/store';
import type { Timeline } from './timeline.ts';

export interface RevocationWatch {
  readonly stop: () => void;
}

/**
 * In ms: the feed is faster than the core's events, which say in the right order why a session
 * ended. If there is none after this time, the session was ended on another node.
 */
const eventDelay = 100;
/** In ms: how often the sessions of open pages are checked. */
const pollInterval = 400;
/** With a working feed only every n-th poll runs, for sessions that expire. */
const pollsSkippedWithFeed = 50;

/**
 * Records in the timeline which sessions ended on any node: by the store's feed if it works,
 * otherwise by checking each session that has an open page.
 */
export const watchRevocations = (store: SessionStore, timeline: Timeline): RevocationWatch => {
  let hasFeed = false;
  const unsubscribe = store.subscribe?.({
    revoked: (sessionId, reason) => {
      if (!timeline.followedSessions().includes(sessionId)) return;
      const end = { type: 'session.revoked', reason } as const;
      setTimeout(() => timeline.recordEnd(sessionId, end), eventDelay).unref();
    },
    connected: (connected) => {
      hasFeed = connected;
    },
  });

  const check = async (sessionId: string): Promise<void> => {
    const found = await store.find(sessionId);
    const end = found ? endOf(found.record, found.now) : 'expired';
    if (end === 'expired') timeline.recordEnd(sessionId, { type: 'session.expired' });
    if (end === 'revoked') {
      const reason = found?.record.revokedReason ?? 'revoked';
      timeline.recordEnd(sessionId, { type: 'session.revoked', reason });
    }
  };

  let polls = 0;
  let polling = false;
  const poll = async (): Promise<void> => {
    polls++;
    if (polling || (hasFeed && polls % pollsSkippedWithFeed !== 0)) return;
    polling = true;
    // A failing store has ended no session.
    await Promise.allSettled(timeline.followedSessions().map(check));
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
