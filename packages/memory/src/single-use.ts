import { type Clock } from '@pawl/core';
import { assertId, isSameCall, type SingleUseStore } from '@pawl/core/store';
import { BoundedMap } from './bounded-map.ts';

interface SingleUseValue {
  readonly value: string;
  readonly expiresAt: number;
  /** The `callId` of the call that stored the value. */
  readonly putBy: Uint8Array;
  /** The `callId` of the call that took the value; null before. */
  readonly takenBy: Uint8Array | null;
}

/** In ms: how long a taken value is kept, so that the call that took it can be sent again. */
const takenRetention = 60_000;

/** Single-use values in memory. Every verb is atomic, because none awaits. */
export class MemorySingleUseStore implements SingleUseStore {
  readonly #clock: Clock;
  readonly #values: BoundedMap<SingleUseValue>;

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#values = new BoundedMap(max, ({ expiresAt }) => expiresAt);
  }

  async put(key: string, value: string, ttl: number, callId: Uint8Array): Promise<boolean> {
    assertId('key', key);
    const now = this.#clock();
    const before = this.#values.get(key);
    if (before && now < before.expiresAt) {
      // The call is sent again. Another call may have taken the value, so it is not stored again.
      if (isSameCall(before.putBy, callId)) return true;
      if (before.takenBy === null) return false;
    }
    if (!before) this.#values.makeRoom(now);
    const putBy = new Uint8Array(callId);
    this.#values.set(key, { value, expiresAt: now + ttl, putBy, takenBy: null });
    return true;
  }

  async take(key: string, callId: Uint8Array): Promise<string | null> {
    assertId('key', key);
    const now = this.#clock();
    const found = this.#values.get(key);
    if (!found || now >= found.expiresAt) return null;
    if (found.takenBy !== null) return isSameCall(found.takenBy, callId) ? found.value : null;
    this.#values.set(key, {
      ...found,
      expiresAt: Math.min(found.expiresAt, now + takenRetention),
      takenBy: new Uint8Array(callId),
    });
    return found.value;
  }

  async deleteExpired(): Promise<number> {
    return this.#values.deletePast(this.#clock());
  }
}
