import { pause } from '@pawl/core/internal';
import type { RedisClient } from '../connection/client.ts';
import { onConnectionClosed } from '../connection/closings.ts';

/** Bounds the memory that a flood of revocations can use. */
const maxEntries = 100_000;

/** The pause between two attempts, in ms. It doubles from the first value up to the second. */
const [shortestPause, longestPause] = [100, 5_000];
const maxAttempts = 150;

/** How many revocations are sent in parallel, so that many of them do not delay other calls. */
const batchSize = 100;

/** Options of {@link RevocationMemory}. */
export interface RevocationMemoryOptions {
  readonly client: RedisClient;
  /** How long a revocation is remembered, in ms. */
  readonly window: number;
  /** Repeats a revocation. A session that is expired, revoked or missing is left unchanged. */
  readonly revoke: (revocation: Revocation) => Promise<unknown>;
}

/** A session that was revoked, why, and by which call. */
interface Revocation {
  readonly sessionId: string;
  readonly reason: string;
  readonly callId: Uint8Array;
}

/**
 * Remembers recent revocations and repeats them after a connection was lost. A server that
 * returns after a power cut, or a replica that takes over, may lack the last acknowledged
 * writes, so that a revoked session would be valid again.
 *
 * This works as long as the revoking process lives. The client queues its commands until it is
 * connected, and the repeated revocations are among the first, so such a session is valid for
 * about one round trip.
 */
export class RevocationMemory {
  readonly #options: RevocationMemoryOptions;
  #recent: (Revocation & { readonly at: number })[] = [];
  /** Revocations that a server may have lost, by session id. */
  readonly #unconfirmed = new Map<string, Revocation>();
  #repeating = false;
  readonly #stopListening: () => void;

  constructor(options: RevocationMemoryOptions) {
    this.#options = options;
    this.#stopListening = onConnectionClosed(options.client, this.#onClose);
  }

  /** Stops listening, and repeats nothing any more. */
  close(): void {
    this.#stopListening();
    this.#recent = [];
    this.#unconfirmed.clear();
  }

  add({ sessionId, reason, callId }: Revocation): void {
    const at = Date.now();
    const { window } = this.#options;
    const fresh = this.#recent.findIndex((known) => known.at > at - window);
    if (fresh !== 0) this.#recent = fresh < 0 ? [] : this.#recent.slice(fresh);
    if (this.#recent.length < maxEntries) {
      this.#recent.push({ sessionId, reason, callId: new Uint8Array(callId), at });
    }
  }

  // Repeats all of them, whatever their age: a connection may be dead long before it is closed.
  // All stay remembered, because the next node of a Cluster may fail during the repetition.
  readonly #onClose = (): void => {
    for (const one of this.#recent) this.#unconfirmed.set(one.sessionId, one);
    void this.#repeat();
  };

  async #repeat(): Promise<void> {
    if (this.#repeating) return;
    this.#repeating = true;
    for (let attempt = 0; this.#unconfirmed.size > 0 && this.#mayTry(attempt); attempt++) {
      if (attempt > 0) {
        const duration = Math.min(shortestPause * 2 ** (attempt - 1), longestPause);
        await pause(duration, { unref: true });
      }
      const all = [...this.#unconfirmed.values()];
      for (let at = 0; at < all.length; at += batchSize) {
        await Promise.all(all.slice(at, at + batchSize).map((one) => this.#revoke(one)));
      }
    }
    this.#unconfirmed.clear();
    this.#repeating = false;
  }

  /** No more attempts after the application has closed the client. */
  #mayTry(attempt: number): boolean {
    return attempt < maxAttempts && this.#options.client.status !== 'end';
  }

  async #revoke(revocation: Revocation): Promise<void> {
    try {
      await this.#options.revoke(revocation);
      this.#unconfirmed.delete(revocation.sessionId);
    } catch {
      // The server is not back yet; the next attempt tries again.
    }
  }
}
