import { type Clock } from '@pawl/core';
import { isSameCall, type SingleUseStore } from '@pawl/core/store';
import { BoundedMap } from './bounded-map.ts';

interface SingleUseValue {
  readonly value: string;
  readonly expiresAt: number;
  /** The call that stored it. */
  readonly putBy: Uint8Array;
  /** The call that took it, which may be sent again; null before. */
  readonly takenBy: Uint8Array | null;
}

/** In ms: for how long a taken value is remembered for the call that took it. */
const memoryOfTaken = 60_000;

/** Single-use values in memory. No verb awaits anything. */
export class MemorySingleUseStore implements SingleUseStore {
  readonly #clock: Clock;
  readonly #values: BoundedMap<SingleUseValue>;

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#values = new BoundedMap(max, ({ expiresAt }) => expiresAt);
  }

  async put(key: string, value: string, ttl: number, callId: Uint8Array): Promise<boolean> {
    const now = this.#clock();
    const before = this.#values.get(key);
    if (before && now < before.expiresAt) {
      // Its value may be taken by now: it must not come back.
      if (isSameCall(before.putBy, callId)) return true;
      if (before.takenBy === null) return false;
    }
    if (!before) this.#values.makeRoom(now);
    const putBy = new Uint8Array(callId);
    this.#values.set(key, { value, expiresAt: now + ttl, putBy, takenBy: null });
    return true;
  }

  async take(key: string, callId: Uint8Array): Promise<string | null> {
    const now = this.#clock();
    const found = this.#values.get(key);
    if (!found || now >= found.expiresAt) return null;
    if (found.takenBy !== null) return isSameCall(found.takenBy, callId) ? found.value : null;
    this.#values.set(key, {
      ...found,
      expiresAt: Math.min(found.expiresAt, now + memoryOfTaken),
      takenBy: new Uint8Array(callId),
    });
    return found.value;
  }

  async deleteExpired(): Promise<number> {
    return this.#values.deletePast(this.#clock());
  }
}
