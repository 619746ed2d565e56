import type { Clock, PawlEvent } from '@pawl/core';
import { type Entry, entryOf, isEnd } from './entry.ts';

/** Hears of a session. It must not throw. */
export interface Follower {
  readonly entry: (entry: Entry) => void;
  /** Nothing more will come: the session is over, or the service stops. */
  readonly end: () => void;
}

interface Story {
  readonly entries: Entry[];
  readonly followers: Set<Follower>;
}

const maxStories = 1_000;
const maxEntries = 40;
/** Pages that one session has open. */
const maxFollowers = 10;

/**
 * What happened lately to each session, for its own page. It is of this process
 * and bounded: the store is what decides, this only tells.
 */
export class Timeline {
  readonly #clock: Clock;
  readonly #stories = new Map<string, Story>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  hear(event: PawlEvent): void {
    const entry = entryOf(event);
    if (entry && 'sessionId' in event) this.#add(event.sessionId, entry);
  }

  /** Something of the demo's own. */
  note(sessionId: string, entry: Omit<Entry, 'at'>): void {
    this.#add(sessionId, { at: this.#clock(), ...entry });
  }

  /** A session has ended, here or elsewhere; told once. */
  ended(sessionId: string, end: Pick<Entry, 'reason'> & { readonly type: Entry['type'] }): void {
    if (this.#stories.get(sessionId)?.entries.some(isEnd)) return;
    this.note(sessionId, end);
  }

  entries(sessionId: string): readonly Entry[] {
    return this.#stories.get(sessionId)?.entries ?? [];
  }

  /** The sessions that somebody follows. */
  followed(): readonly string[] {
    return [...this.#stories].flatMap(([id, { followers }]) => (followers.size > 0 ? [id] : []));
  }

  /** Tells what comes, until the returned function is called. Too many pages: the oldest one ends. */
  follow(sessionId: string, follower: Follower): () => void {
    const { followers } = this.#story(sessionId);
    const [oldest] = followers;
    if (oldest && followers.size >= maxFollowers) {
      followers.delete(oldest);
      oldest.end();
    }
    followers.add(follower);
    return () => followers.delete(follower);
  }

  /** Ends all followers. */
  close(): void {
    for (const { followers } of this.#stories.values()) {
      const all = [...followers];
      followers.clear();
      for (const follower of all) follower.end();
    }
  }

  #add(sessionId: string, entry: Entry): void {
    const { entries, followers } = this.#story(sessionId);
    entries.push(entry);
    if (entries.length > maxEntries) entries.shift();
    for (const follower of followers) follower.entry(entry);
    if (!isEnd(entry)) return;
    const all = [...followers];
    followers.clear();
    for (const follower of all) follower.end();
  }

  #story(sessionId: string): Story {
    const known = this.#stories.get(sessionId);
    const story = known ?? { entries: [], followers: new Set() };
    // Moved to the end: the first in the map is the one that was quiet for longest.
    this.#stories.delete(sessionId);
    this.#stories.set(sessionId, story);
    if (this.#stories.size > maxStories) this.#forgetOldest();
    return story;
  }

  #forgetOldest(): void {
    for (const [sessionId, { followers }] of this.#stories) {
      if (followers.size > 0) continue;
      this.#stories.delete(sessionId);
      return;
    }
  }
}
