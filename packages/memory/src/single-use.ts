import type { Clock } from '@pawl/core';
import type { SingleUseStore } from '@pawl/core/store';
import { BoundedMap } from './bounded-map.ts';

interface SingleUseValue {
  readonly value: string;
  readonly expiresAt: number;
}

/** Single-use values in memory. Every verb is atomic, because none awaits. */
export class MemorySingleUseStore implements SingleUseStore {
  readonly #clock: Clock;
  readonly #values: BoundedMap<SingleUseValue>;

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#values = new BoundedMap(max, ({ expiresAt }) => expiresAt);
  }

  async put(key: string, value: string, ttl: number): Promise<boolean> {
    const now = this.#clock();
    const before = this.#values.get(key);
    if (before && now < before.expiresAt) return false;
    if (!before) this.#values.makeRoom(now);
    this.#values.set(key, { value, expiresAt: now + ttl });
    return true;
  }

  async take(key: string): Promise<string | null> {
    const found = this.#values.get(key);
    if (!found) return null;
    this.#values.delete(key);
    return this.#clock() < found.expiresAt ? found.value : null;
  }

  async deleteExpired(): Promise<number> {
    return this.#values.deletePast(this.#clock());
  }
}
