import { ApiKeyLimitError, InvalidInputError, type RevokeOutcome } from '@pawl/core';
import {
  type ApiKeyRecord,
  type ApiKeyStore,
  type NewApiKey,
  type RevokeAllApiKeysInput,
  type RevokeApiKeyInput,
} from '@pawl/core/store';
import type { Connection } from '../connection/connection.ts';
import { bytesOf, listOf, numberOf, wordOf } from '../connection/reply-values.ts';
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

  async create(key: NewApiKey, limit = 0): Promise<ApiKeyRecord> {
    const { keyId, userId, expiresAt } = key;
    if (!keyId.startsWith(shardOf(userId))) {
      throw new InvalidInputError('keyId', 'must begin with the shard of its user');
    }
    const bytes = encodeNewApiKey(key);
    const createdAt = await this.#connection.run(
      createApiKey,
      [this.#keyNames.apiKey(keyId), this.#keyNames.apiKeysOf(userId)],
      [
        bytes,
        this.#keyNames.apiKey(shardOf(userId)),
        userId,
        limit,
        ...(expiresAt === null ? [] : [expiresAt]),
      ],
    );
    if (createdAt === null) throw new InvalidInputError('keyId', 'already exists');
    if (createdAt === 0) throw new ApiKeyLimitError();
    return { ...decodeApiKey(keyId, bytes), createdAt: numberOf(createdAt) };
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
    const [now, key, bytes] = listOf(reply, 3);
    const record = decodeApiKey(idOfKeyName(bytesOf(key)), bytesOf(bytes));
    return { record, now: numberOf(now) };
  }

  async list(userId: string): Promise<readonly ApiKeyRecord[]> {
    const shard = shardOf(userId);
    const reply = await this.#connection.run(
      listApiKeys,
      [this.#keyNames.apiKeysOf(userId)],
      [this.#keyNames.apiKey(shard), userId],
    );
    const parts = listOf(reply).map(bytesOf);
    const records: ApiKeyRecord[] = [];
    for (let i = 0; i < parts.length; i += 2) {
      records.push(decodeApiKey(`${shard}${parts[i]?.toString()}`, bytesOf(parts[i + 1])));
    }
    return records.sort(newerFirst);
  }

  async revoke({ keyId, userId, callId }: RevokeApiKeyInput): Promise<RevokeOutcome> {
    const reply = await this.#connection.run(
      revokeApiKey,
      [this.#keyNames.apiKey(keyId)],
      [
        this.#keyNames.apiKeyIndexPrefix(keyId),
        Buffer.from(callId),
        ...(userId === undefined ? [] : [userId]),
      ],
    );
    return wordOf<RevokeOutcome>(reply, ['revoked', 'already_revoked', 'missing']);
  }

  async revokeAll({ userId, callId }: RevokeAllApiKeysInput): Promise<number> {
    const keys = [this.#keyNames.apiKeysOf(userId), this.#keyNames.revokedBy(userId, callId)];
    const args = [this.#keyNames.apiKey(shardOf(userId)), userId, Buffer.from(callId)];
    return numberOf(await this.#connection.run(revokeUserApiKeys, keys, args));
  }

  /** Always 0: the server removes expired keys itself. */
  async deleteExpired(): Promise<number> {
    return 0;
  }
}

const newerFirst = (a: ApiKeyRecord, b: ApiKeyRecord): number =>
  b.createdAt - a.createdAt || (a.keyId < b.keyId ? 1 : -1);
