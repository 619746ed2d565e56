import type { SingleUseStore } from '@pawl/core/store';
import type { Connection } from './connection/connection.ts';
import { bytesOf, numberOf, orNull } from './connection/reply-values.ts';
import type { KeyNames } from './key-names.ts';
import { putValue, takeValue } from './lua/single-use.ts';

/** Single-use values in Redis; each verb is one script. */
export class RedisSingleUseStore implements SingleUseStore {
  readonly #connection: Connection;
  readonly #keyNames: KeyNames;

  constructor(connection: Connection, keyNames: KeyNames) {
    this.#connection = connection;
    this.#keyNames = keyNames;
  }

  async put(key: string, value: string, ttl: number, callId: Uint8Array): Promise<boolean> {
    // Redis keeps a key until its expiry has *passed*, so it gets one millisecond less.
    const ms = Math.max(1, Math.floor(ttl) - 1);
    const args = [value, ms, Buffer.from(callId)];
    const reply = await this.#connection.run(putValue, [this.#keyNames.singleUse(key)], args);
    return orNull(numberOf, reply) === 1;
  }

  async take(key: string, callId: Uint8Array): Promise<string | null> {
    const args = [Buffer.from(callId)];
    const reply = await this.#connection.run(takeValue, [this.#keyNames.singleUse(key)], args);
    return orNull((bytes) => bytesOf(bytes).toString(), reply);
  }

  /** Always 0: the server removes expired values itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}
