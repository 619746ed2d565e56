import { InvalidInputError } from '@pawl/core';
import {
  type ApiKeyRecord,
  type ApiKeyStore,
  type NewApiKey,
  type RevokeAllApiKeysInput,
  type RevokeApiKeyInput,
} from '@pawl/core/store';
import type { Connection } from '../connection/connection.ts';
import { idOfKeyName, type KeyNames, shardOf } from '../key-names.ts';
import {
  createApiKey,
  findApiKey,
  listApiKeys,
  revokeApiKey,
  revokeUserApiKeys,
} from '../lua/api-key/api-keys.ts';
import { decodeApiKey, encodeNewApiKey } from './layout.ts';

/** API keys in Redis; each verb is one script. */
export class RedisApiKeyStore implements ApiKeyStore {
  readonly #connection: Connection;
  readonly #keyNames: KeyNames;

  constructor(connection: Connection, keyNames: KeyNames) {
    this.#connection = connection;
    this.#keyNames = keyNames;
  }

  async create(key: NewApiKey): Promise<ApiKeyRecord> {
    const { keyId, userId, expiresAt } = key;
    if (!keyId.startsWith(shardOf(userId))) {
      throw new InvalidInputError('keyId', 'must begin with the shard of its user');
    }
    const bytes = encodeNewApiKey(key);
    const createdAt = await this.#connection.run(
      createApiKey,
      [this.#keyNames.apiKey(keyId), this.#keyNames.apiKeysOf(userId)],
      [bytes, ...(expiresAt === null ? [] : [expiresAt])],
    );
    if (createdAt === null) throw new InvalidInputError('keyId', 'already exists');
    return { ...decodeApiKey(keyId, bytes), createdAt: Number(createdAt) };
  }

  async find(
    keyId: string,
    interval?: number,
  ): Promise<{ record: ApiKeyRecord; now: number } | null> {
    const reply = await this.#connection.run(
      findApiKey,
      [this.#keyNames.apiKey(keyId)],
      interval === undefined ? [] : [interval],
    );
    if (reply === null) return null;
    const [now, key, bytes] = reply as [number, Buffer, Buffer];
    return { record: decodeApiKey(idOfKeyName(key), bytes), now };
  }

  async list(userId: string): Promise<readonly ApiKeyRecord[]> {
    const shard = shardOf(userId);
    const reply = (await this.#connection.run(
      listApiKeys,
      [this.#keyNames.apiKeysOf(userId)],
      [this.#keyNames.apiKey(shard), userId],
    )) as Buffer[];
    const records: ApiKeyRecord[] = [];
    for (let i = 0; i < reply.length; i += 2) {
      records.push(decodeApiKey(`${shard}${reply[i]?.toString()}`, reply[i + 1] as Buffer));
    }
    return records.sort(newerFirst);
  }

  async revoke({
    keyId,
    userId,
    callId,
  }: RevokeApiKeyInput): Promise<'revoked' | 'already_revoked' | 'missing'> {
    const reply = await this.#connection.run(
      revokeApiKey,
      [this.#keyNames.apiKey(keyId)],
      [
        this.#keyNames.apiKeyIndexPrefix(keyId),
        Buffer.from(callId),
        ...(userId === undefined ? [] : [userId]),
      ],
    );
    return (reply as Buffer).toString() as 'revoked' | 'already_revoked' | 'missing';
  }

  async revokeAll({ userId, callId }: RevokeAllApiKeysInput): Promise<number> {
    const keys = [this.#keyNames.apiKeysOf(userId), this.#keyNames.revokedBy(userId, callId)];
    const args = [this.#keyNames.apiKey(shardOf(userId)), userId, Buffer.from(callId)];
    return Number(await this.#connection.run(revokeUserApiKeys, keys, args));
  }

  /** Always 0: the server removes expired keys itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}

const newerFirst = (a: ApiKeyRecord, b: ApiKeyRecord): number =>
  b.createdAt - a.createdAt || (a.keyId < b.keyId ? 1 : -1);
