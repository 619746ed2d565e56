import type { Clock } from '../clock.ts';
import { createSegmentedLru } from '../segmented-lru.ts';
import type { FoundSession, SessionStore } from '../store/session-store.ts';

/**
 * Records that were read a moment ago, for checks that allow some staleness.
 *
 * Where the store has a feed, a revocation on any node empties its entry at
 * once; while the feed is broken nothing is answered from here. Without a feed
 * the age that the caller allows is the only bound.
 */
export interface RecordCache {
  /** A record at most `maxStaleness` ms old, its store time carried forward; or undefined. */
  readonly get: (sessionId: string, maxStaleness: number) => FoundSession | undefined;
  /** Reads through: what the store answers is kept, unless the session ended meanwhile. */
  readonly read: (sessionId: string, find: () => Promise<FoundSession>) => Promise<FoundSession>;
  /** This node has changed the session, or any. */
  readonly forget: (sessionId?: string) => void;
  readonly close: () => void;
}

interface Entry {
  readonly found: FoundSession;
  /** On the application's clock: when the read began. */
  readonly readAt: number;
}

export const createRecordCache = (store: SessionStore, clock: Clock, size: number): RecordCache => {
  const entries = createSegmentedLru<Entry>(size);
  /** Reads under way, by session: an end that is heard of meanwhile makes them unfit to keep. */
  const reading = new Map<string, Set<{ fit: boolean }>>();
  // A feed has to say that it is whole before it is relied on.
  let whole = store.subscribe === undefined;

  const markUnfit = (reads: Iterable<{ fit: boolean }>): void => {
    for (const read of reads) read.fit = false;
  };
  const forget = (sessionId?: string): void => {
    if (sessionId === undefined) {
      entries.clear();
      for (const reads of reading.values()) markUnfit(reads);
    } else {
      entries.delete(sessionId);
      markUnfit(reading.get(sessionId) ?? []);
    }
  };

  const unsubscribe = store.subscribe?.({
    revoked: (sessionId) => forget(sessionId),
    connected: (connected) => {
      whole = connected;
      forget();
    },
  });

  return {
    get: (sessionId, maxStaleness) => {
      const entry = whole ? entries.get(sessionId) : undefined;
      if (!entry) return undefined;
      const age = clock() - entry.readAt;
      // A clock that stepped back tells nothing about the age.
      if (!(age >= 0 && age < maxStaleness)) return undefined;
      return { ...entry.found, now: entry.found.now + age };
    },
    read: async (sessionId, find) => {
      const read = { fit: true };
      const reads = reading.get(sessionId) ?? new Set();
      reading.set(sessionId, reads.add(read));
      const readAt = clock();
      try {
        const found = await find();
        if (read.fit && whole) entries.set(sessionId, { found, readAt });
        return found;
      } finally {
        reads.delete(read);
        if (reads.size === 0) reading.delete(sessionId);
      }
    },
    forget,
    close: () => unsubscribe?.(),
  };
};
