import type { Clock } from '@pawl/core';
import type { BlocklistStore } from '@pawl/core/store';
import { BoundedMap } from './bounded-map.ts';

interface Blocked {
  readonly expiresAt: number;
}

/** The blocklist in memory. Every verb is atomic, because none awaits. */
export class MemoryBlocklistStore implements BlocklistStore {
  readonly #clock: Clock;
  readonly #blocked: BoundedMap<Blocked>;

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#blocked = new BoundedMap(max, ({ expiresAt }) => expiresAt);
  }

  async isRevoked(ids: readonly string[]): Promise<boolean> {
    const now = this.#clock();
    return ids.some((id) => now < (this.#blocked.get(id)?.expiresAt ?? now));
  }

  async revoke(id: string, expiresAt: number): Promise<void> {
    const before = this.#blocked.get(id);
    if (!before) this.#blocked.makeRoom(this.#clock());
    this.#blocked.set(id, { expiresAt: Math.max(expiresAt, before?.expiresAt ?? expiresAt) });
  }

  async deleteExpired(): Promise<number> {
    return this.#blocked.deletePast(this.#clock());
  }
}
