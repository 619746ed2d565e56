import type { Clock } from '../clock.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import type { Emit } from '../emitter.ts';
import {
  StoreRecordError,
  TokenExpiredError,
  TokenInvalidError,
  type TokenRefusal,
  TokenRevokedError,
} from '../errors.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { ApiKeyRecord, ApiKeyStore } from '../store/api-key-store.ts';
import { callStore } from '../store/call.ts';
import { bytesEqual } from '../token/bytes.ts';
import { decodeToken } from '../token/decode.ts';
import { hashToken } from '../token/hash.ts';

/** The validated options of `createApiKeys`. */
export interface ApiKeySettings {
  readonly store: ApiKeyStore;
  readonly keys: KeyRing;
  readonly prefix: string;
  /** In ms. */
  readonly touchInterval: number;
  readonly clock: Clock;
  readonly crypto: CryptoProvider;
  readonly emit: Emit;
}

/**
 * Returns the record of a valid key. A malformed or forged key costs no store call.
 *
 * @throws TokenInvalidError, TokenExpiredError, TokenRevokedError, StoreRecordError,
 *   StoreUnavailableError
 */
export const verifyApiKey = async (
  { store, keys, prefix, touchInterval, clock, crypto, emit }: ApiKeySettings,
  apiKey: string,
): Promise<ApiKeyRecord> => {
  const decoded =
    typeof apiKey === 'string' ? decodeToken(apiKey, 'apiKey', prefix, keys) : 'malformed';
  if (typeof decoded === 'string') {
    emit({ type: 'api_key.refused', reason: decoded });
    throw new TokenInvalidError(decoded);
  }
  const keyId = decoded.id;
  const refuse = <E extends Error>(reason: TokenRefusal | 'outlived' | 'revoked', error: E): E => {
    emit({ type: 'api_key.refused', keyId, reason });
    return error;
  };
  if (clock() >= decoded.expiry * 1_000) throw refuse('outlived', new TokenExpiredError());
  const found = await callStore(() => store.find(keyId, touchInterval));
  if (!found) throw refuse('not_current', new TokenInvalidError('not_current'));
  const { record, now } = found;
  if (record.keyId !== keyId) throw new StoreRecordError('it belongs to another key');
  if (!bytesEqual(record.tokenHash, hashToken(decoded.bytes, crypto))) {
    throw refuse('not_current', new TokenInvalidError('not_current'));
  }
  if (record.revokedAt !== null) throw refuse('revoked', new TokenRevokedError());
  if (record.expiresAt !== null && now >= record.expiresAt) {
    throw refuse('outlived', new TokenExpiredError());
  }
  return record;
};
