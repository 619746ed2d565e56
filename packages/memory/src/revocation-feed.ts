import type { RevocationListener } from '@pawl/core/store';

/** Notifies listeners of each revocation, in the order of the writes and before the verb returns. */
export class RevocationFeed {
  readonly #listeners = new Set<(sessionId: string, reason: string) => void>();

  /** Adds a listener, and returns the function that removes it. */
  subscribe(listener: RevocationListener): () => void {
    // A new function, so that one listener may subscribe twice.
    const notify = (sessionId: string, reason: string): void => listener.revoked(sessionId, reason);
    this.#listeners.add(notify);
    listener.connected(true);
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
    for (const notify of this.#listeners) {
      try {
        notify(sessionId, reason);
      } catch (error) {
        // The write has been made, so an error of a listener must not make the verb fail.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
