import type { Clock, PawlEvent } from '@pawl/core';
import { type Entry, entryOf, isEnd } from './entry.ts';

/** Called for the entries of a session. It must not throw. */
export interface Follower {
  readonly onEntry: (entry: Entry) => void;
  /** Called once, when the session has ended or the service stops. */
  readonly onEnd: () => void;
}

interface History {
  readonly entries: Entry[];
  readonly followers: Set<Follower>;
}

const maxHistories = 1_000;
const maxEntries = 40;
/** How many open pages of one session are followed. */
const maxFollowers = 10;

/**
 * The recent events of each session, for its page. They are kept in this process, in bounded
 * memory, and only for display: the store decides.
 */
export class Timeline {
  readonly #clock: Clock;
  readonly #histories = new Map<string, History>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record(event: PawlEvent): void {
    const entry = entryOf(event);
    if (entry && 'sessionId' in event) this.#add(event.sessionId, entry);
  }

  /** Adds an entry of the demo. */
  add(sessionId: string, entry: Omit<Entry, 'at'>): void {
    this.#add(sessionId, { at: this.#clock(), ...entry });
  }

  /** Records once that a session has ended, on this node or another one. */
  recordEnd(
    sessionId: string,
    end: Pick<Entry, 'reason'> & { readonly type: Entry['type'] },
  ): void {
    if (this.#histories.get(sessionId)?.entries.some(isEnd)) return;
    this.add(sessionId, end);
  }

  entries(sessionId: string): readonly Entry[] {
    return this.#histories.get(sessionId)?.entries ?? [];
  }

  /** Returns the sessions that have followers. */
  followedSessions(): readonly string[] {
    return [...this.#histories].flatMap(([id, { followers }]) => (followers.size > 0 ? [id] : []));
  }

  /** Follows a session until the returned function is called. If it has too many followers, the oldest one is ended. */
  follow(sessionId: string, follower: Follower): () => void {
    const { followers } = this.#history(sessionId);
    const [oldest] = followers;
    if (oldest && followers.size >= maxFollowers) {
      followers.delete(oldest);
      oldest.onEnd();
    }
    followers.add(follower);
    return () => followers.delete(follower);
  }

  /** Ends all followers. */
  close(): void {
    for (const { followers } of this.#histories.values()) {
      const all = [...followers];
      followers.clear();
      for (const follower of all) follower.onEnd();
    }
  }

  #add(sessionId: string, entry: Entry): void {
    const { entries, followers } = this.#history(sessionId);
    entries.push(entry);
    if (entries.length > maxEntries) entries.shift();
    for (const follower of followers) follower.onEntry(entry);
    if (!isEnd(entry)) return;
    const all = [...followers];
    followers.clear();
    for (const follower of all) follower.onEnd();
  }

  #history(sessionId: string): History {
    const existing = this.#histories.get(sessionId);
    const history = existing ?? { entries: [], followers: new Set() };
    // Moved to the end, so that the first one in the map has been quiet for longest.
    this.#histories.delete(sessionId);
    this.#histories.set(sessionId, history);
    if (this.#histories.size > maxHistories) this.#forgetOldest();
    return history;
  }

  #forgetOldest(): void {
    for (const [sessionId, { followers }] of this.#histories) {
      if (followers.size > 0) continue;
      this.#histories.delete(sessionId);
      return;
    }
  }
}
