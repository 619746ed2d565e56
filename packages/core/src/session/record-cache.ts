import type { Clock } from '../clock.ts';
import { createSegmentedLru } from '../segmented-lru.ts';
import type { FoundSession, SessionStore } from '../store/session-store.ts';

/**
 * A cache of session records, for checks that allow some staleness.
 *
 * If the store has a feed, a revocation on any node removes the entry at once, and nothing is
 * returned while the feed is interrupted. Without a feed, the staleness that the caller allows is
 * the only bound.
 */
export interface RecordCache {
  /** Returns a record at most `maxStaleness` ms old, its store time advanced by its age. */
  readonly get: (sessionId: string, maxStaleness: number) => FoundSession | undefined;
  /** Reads the store, and keeps the record unless the session ended or changed meanwhile. */
  readonly read: (sessionId: string, find: () => Promise<FoundSession>) => Promise<FoundSession>;
  /** Drops the record of a session that this node has changed; without an id, of all. */
  readonly forget: (sessionId?: string) => void;
  readonly close: () => void;
}

interface Entry {
  readonly found: FoundSession;
  /** When the read began, on the application's clock. */
  readonly readAt: number;
}

/** Creates a cache, subscribed to the store's feed if it has one. */
export const createRecordCache = (store: SessionStore, clock: Clock, size: number): RecordCache => {
  const entries = createSegmentedLru<Entry>(size);
  /** Reads in progress, by session. A change that is reported meanwhile makes them unfit to keep. */
  const reading = new Map<string, Set<{ fit: boolean }>>();
  // A feed must report that it is connected before it is relied on.
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
      // After the clock stepped back, the age is unknown.
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
