import { StoreFullError } from '@pawl/core';

/**
 * A map that holds at most `max` entries and knows when each one expires.
 * Full, it sweeps what is past; if that frees nothing, it refuses.
 */
export class BoundedMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #max: number;
  readonly #expiryOf: (value: V) => number;
  /** No entry expires before this, so a full map need not be searched again until then. */
  #nextExpiry = Number.POSITIVE_INFINITY;

  constructor(max: number, expiryOf: (value: V) => number) {
    this.#max = max;
    this.#expiryOf = expiryOf;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  values(): Iterable<V> {
    return this.#entries.values();
  }

  /** Call {@link BoundedMap.makeRoom} before setting a new key. */
  set(key: string, value: V): void {
    this.#entries.set(key, value);
    this.#nextExpiry = Math.min(this.#nextExpiry, this.#expiryOf(value));
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Sees to it that one more entry fits, or throws `StoreFullError`. */
  makeRoom(now: number, removed?: (value: V) => void): void {
    if (this.#entries.size < this.#max) return;
    if (now <= this.#nextExpiry || this.deletePast(now, removed) === 0) throw new StoreFullError();
  }

  /** Removes what expired before `now` (at `now` itself it stays), and answers how many. */
  deletePast(now: number, removed?: (value: V) => void): number {
    let count = 0;
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    for (const [key, value] of this.#entries) {
      const expiry = this.#expiryOf(value);
      if (expiry < now) {
        this.#entries.delete(key);
        removed?.(value);
        count++;
      } else {
        this.#nextExpiry = Math.min(this.#nextExpiry, expiry);
      }
    }
    return count;
  }
}
