import type { Clock } from '@pawl/core';
import { assertId, type BlocklistStore, type TokenOrigin } from '@pawl/core/store';
import { BoundedMap } from './bounded-map.ts';

interface Blocked {
  readonly expiresAt: number;
}

/** The time of a user: tokens that were issued before it are revoked. */
interface UserTime extends Blocked {
  readonly notBefore: number;
}

/** The blocklist in memory. Every verb is atomic, because none awaits. */
export class MemoryBlocklistStore implements BlocklistStore {
  readonly #clock: Clock;
  readonly #blocked: BoundedMap<Blocked>;
  readonly #times: BoundedMap<UserTime>;

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#blocked = new BoundedMap(max, ({ expiresAt }) => expiresAt);
    this.#times = new BoundedMap(max, ({ expiresAt }) => expiresAt);
  }

  async isRevoked(ids: readonly string[], origin?: TokenOrigin): Promise<boolean> {
    for (const id of ids) assertId('ids', id);
    const now = this.#clock();
    if (ids.some((id) => now < (this.#blocked.get(id)?.expiresAt ?? now))) return true;
    if (!origin) return false;
    const time = this.#times.get(origin.subject);
    return time !== undefined && now < time.expiresAt && origin.issuedAt < time.notBefore;
  }

  async revoke(id: string, expiresAt: number): Promise<void> {
    assertId('id', id);
    const before = this.#blocked.get(id);
    if (!before) this.#blocked.makeRoom(this.#clock());
    this.#blocked.set(id, { expiresAt: Math.max(expiresAt, before?.expiresAt ?? expiresAt) });
  }

  async revokeBefore(subject: string, notBefore: number, expiresAt: number): Promise<void> {
    assertId('subject', subject);
    const before = this.#times.get(subject);
    if (!before) this.#times.makeRoom(this.#clock());
    this.#times.set(subject, {
      notBefore: Math.max(notBefore, before?.notBefore ?? notBefore),
      expiresAt: Math.max(expiresAt, before?.expiresAt ?? expiresAt),
    });
  }

  async deleteExpired(): Promise<number> {
    const now = this.#clock();
    return this.#blocked.deletePast(now) + this.#times.deletePast(now);
  }
}
