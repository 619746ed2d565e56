import type { RevocationListener } from '@pawl/core/store';

/**
 * Notifies listeners of each revocation, in the order of the writes and before the verb returns. A
 * revocation that a listener makes itself is reported after the one that it was called for.
 */
export class RevocationFeed {
  readonly #listeners = new Set<(sessionId: string, reason: string) => void>();
  /** The revocation that is being reported, and those that listeners have made meanwhile. */
  readonly #waiting: [sessionId: string, reason: string][] = [];

  /** Adds a listener, and returns the function that removes it. */
  subscribe(listener: RevocationListener): () => void {
    // A new function, so that one listener may subscribe twice.
    const notify = (sessionId: string, reason: string): void => listener.revoked(sessionId, reason);
    this.#listeners.add(notify);
    callListener(() => listener.connected(true));
    return () => {
      this.#listeners.delete(notify);
    };
  }

  /** Removes all listeners. */
  close(): void {
    this.#listeners.clear();
  }

  /** Notifies all listeners of a revocation. */
  revoked(sessionId: string, reason: string): void {
    if (this.#waiting.push([sessionId, reason]) > 1) return;
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const revocation = next;
      for (const notify of this.#listeners) callListener(() => notify(...revocation));
      this.#waiting.shift();
    }
  }
}

/** The write has been made, so an error of a listener must not make the verb fail. */
const callListener = (call: () => void): void => {
  try {
    call();
  } catch (error) {
    console.error('pawl: a revocation listener threw', error);
  }
};
