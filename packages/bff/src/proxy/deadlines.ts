import { type Place, Queue } from './queue.ts';

/** Something that may only last so long. */
interface Timed {
  end(reason: 'timeout'): void;
}

interface Due {
  readonly timed: Timed;
  /** In ms, on the clock of `performance.now`. */
  readonly at: number;
}

/**
 * Ends what has lasted too long. One timer stands for all that may last equally long: what
 * begins first is due first, so that nobody needs one of its own.
 */
export class Deadlines {
  readonly #timeout: number;
  readonly #queue = new Queue<Due>();
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout in ms; over a day: none */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** @returns what is to be left when it is over */
  add(timed: Timed): Place | undefined {
    if (this.#timeout > 86_400_000) return undefined;
    if (this.#timer === undefined) this.#wait(this.#timeout);
    return this.#queue.add({ timed, at: performance.now() + this.#timeout });
  }

  #wait(ms: number): void {
    // What is waited for has a socket that keeps the process alive.
    this.#timer = setTimeout(() => this.#look(), Math.ceil(ms)).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (let due = this.#queue.first; due; due = this.#queue.first) {
      if (due.at > now) return this.#wait(due.at - now);
      this.#queue.shift();
      due.timed.end('timeout');
    }
  }
}
