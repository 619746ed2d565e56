import { StoreFullError } from '@pawl/core';

/** A map of at most `max` entries that expire. To make room it deletes expired entries, and no others. */
export class BoundedMap<V> {
  readonly #entries = new Map<string, V>();
  readonly #max: number;
  readonly #expiryOf: (value: V) => number;
  /** No entry expires earlier, so a full map is not searched for expired ones until then. */
  #nextExpiry = Number.POSITIVE_INFINITY;

  constructor(max: number, expiryOf: (value: V) => number) {
    this.#max = max;
    this.#expiryOf = expiryOf;
  }

  /** Returns an entry, even if it has expired. */
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

  /** Makes room for one more entry by deleting expired ones. Throws `StoreFullError` if none has expired. */
  makeRoom(now: number, removed?: (value: V) => void): void {
    if (this.#entries.size < this.#max) return;
    if (now <= this.#nextExpiry || this.deletePast(now, removed) === 0) throw new StoreFullError();
  }

  /** Deletes the entries that expired before `now` (not at `now`), and returns their number. */
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
