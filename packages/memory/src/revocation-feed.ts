import type { RevocationListener } from '@pawl/core/store';

/** Tells listeners of each revocation, in the order of the writes and within the call. */
export class RevocationFeed {
  readonly #tell = new Set<(sessionId: string, reason: string) => void>();

  subscribe(listener: RevocationListener): () => void {
    // A function of its own, so that one listener may subscribe twice.
    const tell = (sessionId: string, reason: string): void => listener.revoked(sessionId, reason);
    this.#tell.add(tell);
    listener.connected(true);
    return () => {
      this.#tell.delete(tell);
    };
  }

  revoked(sessionId: string, reason: string): void {
    for (const tell of this.#tell) {
      try {
        tell(sessionId, reason);
      } catch (error) {
        // The write has happened: a listener's bug must not make the verb look failed.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
