/** Something that may only last so long. */
interface Timed {
  end(reason: 'timeout'): void;
}

/**
 * Ends what has lasted too long. One timer stands for all that may last equally long: what
 * begins first is due first, so that nobody needs one of its own.
 */
export class Deadlines {
  readonly #timeout: number;
  /** With the moment of each, in ms, in the order in which they come. */
  readonly #open = new Map<Timed, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param timeout in ms; over a day: none */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  add(timed: Timed): void {
    if (this.#timeout > 86_400_000) return;
    this.#open.set(timed, performance.now() + this.#timeout);
    if (this.#timer === undefined) this.#wait(this.#timeout);
  }

  /** To be called when it is over. */
  delete(timed: Timed): void {
    this.#open.delete(timed);
  }

  #wait(ms: number): void {
    // What is waited for has a socket that keeps the process alive.
    this.#timer = setTimeout(() => this.#look(), Math.ceil(ms)).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [timed, moment] of this.#open) {
      if (moment > now) return this.#wait(moment - now);
      this.#open.delete(timed);
      timed.end('timeout');
    }
  }
}
