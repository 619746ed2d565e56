import type { RedisClient } from '../connection/client.ts';

/** What a flood of revocations may take of memory. */
const maxEntries = 100_000;

/** In ms: between two attempts to do them again, growing from the one to the other. */
const [shortestPause, longestPause] = [100, 5_000];
const attempts = 150;

/** So that a crowd of them does not hold up everybody else. */
const atOnce = 100;

export interface RevocationMemoryOptions {
  readonly client: RedisClient;
  /** In ms: how long ago the first may be that a server has lost. */
  readonly window: number;
  /** Does it again. A session that is over, or gone, is left as it is. */
  readonly revoke: (sessionId: string, reason: string) => Promise<unknown>;
}

interface Revocation {
  readonly sessionId: string;
  readonly reason: string;
  readonly at: number;
}

/**
 * The revocations of the last minute or so, to be done again when a server went away: the
 * one that comes back after a power cut, or the replica that takes over, may lack
 * what was acknowledged last, and a session that was ended would live again.
 *
 * It helps as long as the process lives that revoked. The client holds its
 * commands back until it is connected and these are among the first, so that such a
 * session lives for a round trip or so.
 */
export class RevocationMemory {
  readonly #options: RevocationMemoryOptions;
  #recent: Revocation[] = [];
  /** What a server that went away may not have kept. */
  readonly #doubtful = new Map<string, string>();
  #repeating = false;

  constructor(options: RevocationMemoryOptions) {
    this.#options = options;
    const { client } = options;
    if (client.isCluster) {
      for (const node of client.nodes?.() ?? []) node.on?.('close', this.#doubt);
      // It learns of nodes as it goes along.
      client.on?.('+node', (node) => node.on?.('close', this.#doubt));
    } else {
      client.on?.('close', this.#doubt);
    }
  }

  add(sessionId: string, reason: string): void {
    const at = Date.now();
    const { window } = this.#options;
    const fresh = this.#recent.findIndex((known) => known.at > at - window);
    if (fresh !== 0) this.#recent = fresh < 0 ? [] : this.#recent.slice(fresh);
    if (this.#recent.length < maxEntries) this.#recent.push({ sessionId, reason, at });
  }

  // However long ago the last was: a connection may be dead long before it is closed. All stay
  // remembered, for the next node of a Cluster may go while this one's are being repeated.
  readonly #doubt = (): void => {
    for (const { sessionId, reason } of this.#recent) this.#doubtful.set(sessionId, reason);
    void this.#repeat();
  };

  async #repeat(): Promise<void> {
    if (this.#repeating) return;
    this.#repeating = true;
    for (let attempt = 0; this.#doubtful.size > 0 && this.#goesOn(attempt); attempt++) {
      if (attempt > 0) await pause(Math.min(shortestPause * 2 ** (attempt - 1), longestPause));
      const all = [...this.#doubtful];
      for (let at = 0; at < all.length; at += atOnce) {
        await Promise.all(all.slice(at, at + atOnce).map((one) => this.#revoke(...one)));
      }
    }
    this.#doubtful.clear();
    this.#repeating = false;
  }

  /** A client that was closed on purpose has nothing more to say. */
  #goesOn(attempt: number): boolean {
    return attempt < attempts && this.#options.client.status !== 'end';
  }

  async #revoke(sessionId: string, reason: string): Promise<void> {
    try {
      await this.#options.revoke(sessionId, reason);
      this.#doubtful.delete(sessionId);
    } catch {
      // Not there yet.
    }
  }
}

const pause = (duration: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, duration).unref());
