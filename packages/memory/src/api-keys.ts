import { ApiKeyLimitError, type Clock, InvalidInputError } from '@pawl/core';
import {
  type ApiKeyRecord,
  type ApiKeyStore,
  assertId,
  isSameCall,
  isSameKey,
  type NewApiKey,
  type RevokeAllApiKeysInput,
  type RevokeApiKeyInput,
} from '@pawl/core/store';
import { BoundedMap } from './bounded-map.ts';
import { UserIndex } from './user-index.ts';

/** API keys in memory. Every verb is atomic, because none awaits. */
export class MemoryApiKeyStore implements ApiKeyStore {
  readonly #clock: Clock;
  readonly #keys: BoundedMap<ApiKeyRecord>;
  readonly #users = new UserIndex();

  constructor(clock: Clock, max: number) {
    this.#clock = clock;
    this.#keys = new BoundedMap(max, ({ expiresAt }) => expiresAt ?? Number.POSITIVE_INFINITY);
  }

  async create(key: NewApiKey, limit?: number): Promise<ApiKeyRecord> {
    assertId('keyId', key.keyId);
    assertId('userId', key.userId);
    const now = this.#clock();
    const known = this.#keys.get(key.keyId);
    if (known) {
      if (isSameKey(known, key)) return copyOf(known);
      throw new InvalidInputError('keyId', 'exists already');
    }
    if (limit !== undefined && this.#live(key.userId, now).length >= limit) {
      throw new ApiKeyLimitError();
    }
    this.#keys.makeRoom(now, this.#forgotten);
    const record = this.#write({
      keyId: key.keyId,
      userId: key.userId,
      tokenHash: key.tokenHash,
      name: key.name,
      claims: key.claims,
      createdAt: now,
      expiresAt: key.expiresAt,
      lastUsedAt: null,
      revokedAt: null,
      revokedBy: null,
    });
    this.#users.add(record.userId, record.keyId);
    return copyOf(record);
  }

  async find(
    keyId: string,
    interval?: number,
  ): Promise<{ record: ApiKeyRecord; now: number } | null> {
    const record = this.#keys.get(keyId);
    if (!record) return null;
    const now = this.#clock();
    const due =
      interval !== undefined &&
      isLive(record, now) &&
      (record.lastUsedAt === null || now - record.lastUsedAt >= interval);
    const current = due ? this.#write({ ...record, lastUsedAt: now }) : record;
    return { record: copyOf(current), now };
  }

  async list(userId: string): Promise<readonly ApiKeyRecord[]> {
    assertId('userId', userId);
    return this.#live(userId, this.#clock()).map(copyOf);
  }

  async revoke({
    keyId,
    userId,
    callId,
  }: RevokeApiKeyInput): Promise<'revoked' | 'already_revoked' | 'missing'> {
    assertId('keyId', keyId);
    const record = this.#keys.get(keyId);
    if (!record || (userId !== undefined && record.userId !== userId)) return 'missing';
    if (record.revokedAt !== null) {
      return isSameCall(record.revokedBy, callId) ? 'revoked' : 'already_revoked';
    }
    this.#write({ ...record, revokedAt: this.#clock(), revokedBy: callId });
    return 'revoked';
  }

  async revokeAll({ userId, callId }: RevokeAllApiKeysInput): Promise<number> {
    assertId('userId', userId);
    const now = this.#clock();
    for (const record of this.#live(userId, now)) {
      this.#write({ ...record, revokedAt: now, revokedBy: callId });
    }
    return this.#of(userId).filter(({ revokedBy }) => isSameCall(revokedBy, callId)).length;
  }

  async deleteExpired(): Promise<number> {
    return this.#keys.deletePast(this.#clock(), this.#forgotten);
  }

  /** Returns a user's live keys, newest first. */
  #live(userId: string, now: number): ApiKeyRecord[] {
    return this.#of(userId)
      .filter((record) => isLive(record, now))
      .sort((a, b) => b.createdAt - a.createdAt || (a.keyId < b.keyId ? 1 : -1));
  }

  #of(userId: string): ApiKeyRecord[] {
    return [...this.#users.of(userId)]
      .map((keyId) => this.#keys.get(keyId))
      .filter((record) => record !== undefined);
  }

  #write(record: ApiKeyRecord): ApiKeyRecord {
    const own = copyOf(record);
    this.#keys.set(own.keyId, own);
    return own;
  }

  readonly #forgotten = ({ userId, keyId }: ApiKeyRecord): void => {
    this.#users.remove(userId, keyId);
  };
}

const isLive = (record: ApiKeyRecord, now: number): boolean =>
  record.revokedAt === null && (record.expiresAt === null || now < record.expiresAt);

/** Returns a copy that shares no bytes with the record. Does not use `slice`: see `session-copy.ts`. */
const copyOf = (record: ApiKeyRecord): ApiKeyRecord => ({
  ...record,
  tokenHash: new Uint8Array(record.tokenHash),
  revokedBy: record.revokedBy && new Uint8Array(record.revokedBy),
});
