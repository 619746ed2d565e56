import { defaultCrypto } from '#crypto';
import type { WaitUntil } from '../background.ts';
import type { ClaimsInput } from '../claims-input.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { createEmitter } from '../emitter.ts';
import { ConfigurationError, InvalidInputError, StoreRecordError } from '../errors.ts';
import type { PawlEventListener } from '../events.ts';
import { readJsonObject } from '../json.ts';
import { createKeyRing, type RootSecret } from '../keys/key-ring.ts';
import { assertOptions, type OptionNames } from '../option-names.ts';
import { type RandomBytes, systemRandom } from '../random.ts';
import { validateName, validateUserId, writeClaims } from '../session/input.ts';
import type { ApiKeyRecord, ApiKeyStore } from '../store/api-key-store.ts';
import { callStore } from '../store/call.ts';
import { newCallId } from '../store/call-id.ts';
import { assertId } from '../store/id.ts';
import type { RevokeOutcome } from '../store/session-store.ts';
import { encodeTriples } from '../token/base64url.ts';
import { encodeToken, printToken } from '../token/encode.ts';
import { hashToken } from '../token/hash.ts';
import { maxExpiry } from '../token/layout.ts';
import { validatePrefix } from '../token/prefix.ts';
import { isId, newId } from '../token/session-id.ts';
import { verifyApiKey } from './verify.ts';

/** Options of {@link createApiKeys}. `store` and `secrets` are required. */
export interface ApiKeysOptions {
  /** An adapter's store, or anything with its `apiKeys` part. */
  readonly store: { readonly apiKeys: ApiKeyStore };
  /** The root secrets, newest first. A key is valid only while its root is in the list. */
  readonly secrets: readonly RootSecret[];
  /** Prefix of every key. Default `pawl_ak_`. */
  readonly prefix?: string | undefined;
  /**
   * How many live keys a user may have: 1 to 1,000, or `none`. One more is refused, because a program
   * may depend on the oldest. Default 100.
   */
  readonly limit?: number | 'none' | undefined;
  /** In ms: `lastUsedAt` is written at most once per interval. Default 60,000. */
  readonly touchInterval?: number | undefined;
  /** Called for every key that is created, revoked or refused. */
  readonly onEvent?: PawlEventListener | undefined;
  /** Receives what `onEvent` returns: `waitUntil` of a serverless platform. Default: none. */
  readonly waitUntil?: WaitUntil | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: RandomBytes | undefined;
  readonly crypto?: CryptoProvider | undefined;
}

/** An API key as its owner may see it: it contains no credential. Times in ms since the epoch. */
export interface ApiKeyInfo<Claims> {
  readonly keyId: string;
  readonly userId: string;
  readonly name: string;
  readonly claims: Claims;
  readonly createdAt: number;
  /** Null: it does not expire. */
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
}

interface ApiKeyDetails {
  /** The owner: 1 to 255 characters. */
  readonly userId: string;
  /** The user's name for the key: 1 to 128 characters. */
  readonly name: string;
  /** In ms from now. Default: the key does not expire. */
  readonly lifetime?: number | undefined;
}

/** A new API key. `claims` is required where its type has a required member. */
export type ApiKeyInput<Claims> = ApiKeyDetails & ClaimsInput<Claims>;

/** How an API key is revoked. */
export interface RevokeApiKeyOptions {
  /**
   * Only if the key is this user's; another user's counts as missing. If the property is present
   * its value must be a string: an undefined one throws, and ends nobody's key.
   */
  readonly userId?: string | undefined;
}

/** API keys: credentials for programs, without a session and without rotation. Accept them in the
 * `Authorization` header only. */
export interface ApiKeys<Claims> {
  /**
   * Creates a key. `apiKey` is returned this once; the store keeps its hash.
   * @throws InvalidInputError, ApiKeyLimitError, StoreFullError, StoreUnavailableError
   */
  create(request: ApiKeyInput<Claims>): Promise<ApiKeyInfo<Claims> & { readonly apiKey: string }>;
  /**
   * Verifies a key and returns what is known of it.
   * @throws TokenInvalidError (a malformed or forged key costs no store call), TokenExpiredError,
   *   TokenRevokedError, StoreRecordError, StoreUnavailableError
   */
  verify(apiKey: string): Promise<ApiKeyInfo<Claims>>;
  /** Returns whether a credential begins with the prefix of API keys, so that `verify` applies. */
  isApiKey(credential: string): boolean;
  /**
   * Returns a user's keys that are neither revoked nor expired, newest first.
   * @throws InvalidInputError, StoreRecordError, StoreUnavailableError
   */
  list(userId: string): Promise<ApiKeyInfo<Claims>[]>;
  /**
   * Revokes a key. It may be revoked twice.
   * @throws InvalidInputError, StoreUnavailableError
   */
  revoke(keyId: string, options?: RevokeApiKeyOptions): Promise<RevokeOutcome>;
  /**
   * Revokes all keys of a user and returns how many that were.
   * @throws InvalidInputError, StoreUnavailableError
   */
  revokeAll(userId: string): Promise<number>;
}

const revokeNames: OptionNames<RevokeApiKeyOptions> = { userId: 1 };

const optionNames: OptionNames<ApiKeysOptions> = {
  store: 1,
  secrets: 1,
  prefix: 1,
  limit: 1,
  touchInterval: 1,
  onEvent: 1,
  waitUntil: 1,
  clock: 1,
  random: 1,
  crypto: 1,
};

/**
 * Creates the API keys of a deployment.
 *
 * @example
 * ```ts
 * const apiKeys = createApiKeys({ store, secrets: [process.env.PAWL_SECRET] });
 * const { apiKey, keyId } = await apiKeys.create({ userId: 'ada', name: 'deploy' });
 * const { userId } = await apiKeys.verify(apiKey);
 * await apiKeys.revoke(keyId, { userId });
 * ```
 *
 * @throws ConfigurationError, naming the option.
 */
export const createApiKeys = <Claims extends object = Record<string, unknown>>(
  options: ApiKeysOptions,
): ApiKeys<Claims> => {
  assertOptions(options, optionNames);
  const { touchInterval = 60_000, clock = systemClock } = options;
  const { random = systemRandom, crypto = defaultCrypto } = options;
  const store = options.store?.apiKeys;
  if (!store) throw new ConfigurationError('store', 'needs API keys');
  const prefix = validatePrefix('prefix', options.prefix ?? 'pawl_ak_');
  if (prefix === '')
    throw new ConfigurationError('prefix', 'must not be empty: it identifies API keys');
  const limit = validateLimit(options.limit);
  if (!(touchInterval >= 0)) throw new ConfigurationError('touchInterval', 'must be 0 or more');
  const keys = createKeyRing(options.secrets ?? [], { crypto });
  const emit = createEmitter(options.onEvent, keys, clock, options.waitUntil);
  const settings = { store, keys, prefix, touchInterval, clock, crypto, emit };

  return {
    create: async ({ userId, name, claims, lifetime }) => {
      validateUserId(userId);
      validateName('name', name, 128);
      const written = writeClaims(claims ?? {});
      const expiresAt = lifetime === undefined ? null : expiryAfter(clock(), lifetime);
      const id = newId(userId, random, crypto);
      const bytes = encodeToken(
        {
          type: 'apiKey',
          id,
          generation: 0,
          expiry: expiresAt === null ? maxExpiry : expiresAt / 1_000,
          secret: random(32),
        },
        keys.active,
      );
      const key = {
        keyId: encodeTriples(id),
        userId,
        tokenHash: hashToken(bytes, crypto),
        name,
        claims: written,
        expiresAt,
      };
      const record = await callStore(() => store.create(key, limit));
      emit({ type: 'api_key.created', keyId: record.keyId, userId });
      return { ...apiKeyInfo<Claims>(record), apiKey: printToken(bytes, prefix) };
    },

    verify: async (apiKey) => apiKeyInfo(await verifyApiKey(settings, apiKey)),

    isApiKey: (credential) => typeof credential === 'string' && credential.startsWith(prefix),

    list: async (userId) => {
      validateUserId(userId);
      const records = await callStore(() => store.list(userId));
      if (records.some((record) => record.userId !== userId)) {
        throw new StoreRecordError('it belongs to another user');
      }
      return records.map((record) => apiKeyInfo<Claims>(record));
    },

    revoke: async (keyId, revokeOptions = {}) => {
      // A mistyped condition must not revoke another user's key.
      assertOptions(revokeOptions, revokeNames);
      const { userId } = revokeOptions;
      if ('userId' in revokeOptions) validateUserId(userId);
      assertId('keyId', keyId);
      if (!isId(keyId)) return 'missing';
      const outcome = await callStore(() =>
        store.revoke({ keyId, userId, callId: newCallId(random) }),
      );
      if (outcome === 'revoked') {
        emit({ type: 'api_key.revoked', keyId, ...(userId !== undefined && { userId }) });
      }
      return outcome;
    },

    revokeAll: async (userId) => {
      validateUserId(userId);
      const count = await callStore(() => store.revokeAll({ userId, callId: newCallId(random) }));
      emit({ type: 'api_keys.revoked', userId, count });
      return count;
    },
  };
};

const validateLimit = (limit: number | 'none' = 100): number | undefined => {
  if (limit === 'none') return undefined;
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1_000) return limit;
  throw new ConfigurationError('limit', 'must be none, or a whole number from 1 to 1,000');
};

/** In ms: a century. */
const maxLifetime = 36_525 * 86_400_000;

/** In ms, on a whole second, so that the token and the record agree. */
const expiryAfter = (now: number, lifetime: number): number => {
  if (!(Number.isFinite(lifetime) && lifetime >= 1_000 && lifetime <= maxLifetime)) {
    throw new InvalidInputError('lifetime', 'must be from 1,000 ms to a century');
  }
  return Math.ceil((now + lifetime) / 1_000) * 1_000;
};

const apiKeyInfo = <Claims>(record: ApiKeyRecord): ApiKeyInfo<Claims> => ({
  keyId: record.keyId,
  userId: record.userId,
  name: record.name,
  claims: readJsonObject(record.claims) as Claims,
  createdAt: record.createdAt,
  expiresAt: record.expiresAt,
  lastUsedAt: record.lastUsedAt,
});
