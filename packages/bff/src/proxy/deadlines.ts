import { type Entry, Queue } from './queue.ts';

/** Something that may only last for a limited time. */
interface Limited<Reason> {
  end(reason: Reason): void;
}

interface Deadline<Reason> {
  readonly limited: Limited<Reason>;
  /** In ms, on the clock of `performance.now`. */
  readonly at: number;
}

/**
 * Ends what has lasted longer than a timeout. All entries have the same timeout, so the first
 * one to begin is the first one to end, and one timer is enough for all of them.
 */
export class Deadlines<Reason = 'timeout'> {
  readonly #timeout: number;
  readonly #reason: Reason;
  readonly #queue = new Queue<Deadline<Reason>>();
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout in ms; more than a day means no timeout */
  constructor(timeout: number, reason: Reason) {
    this.#timeout = timeout;
    this.#reason = reason;
  }

  /** @returns the entry to remove when it ends earlier */
  add(limited: Limited<Reason>): Entry | undefined {
    if (this.#timeout > 86_400_000) return undefined;
    if (this.#timer === undefined) this.#wait(this.#timeout);
    return this.#queue.add({ limited, at: performance.now() + this.#timeout });
  }

  #wait(ms: number): void {
    // Unref: the socket of each entry keeps the process alive.
    this.#timer = setTimeout(() => this.#endExpired(), Math.ceil(ms)).unref();
  }

  #endExpired(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (let next = this.#queue.first; next; next = this.#queue.first) {
      if (next.at > now) return this.#wait(next.at - now);
      this.#queue.shift();
      next.limited.end(this.#reason);
    }
  }
}
