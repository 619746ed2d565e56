import { decode } from 'jose/base64url';
import { flattenedVerify } from 'jose/jws/flattened/verify';
import type { CryptoProvider } from '../crypto/provider.ts';
import { TokenInvalidError } from '../errors.ts';
import { bytesEqual, utf8 } from '../token/bytes.ts';
import type { CompactJws } from './compact.ts';
import { secretOf } from './key-set.ts';
import type { AsymmetricSigningKey, SigningKey, SymmetricSigningKey } from './signing-key.ts';

/** Verifies a signature and returns the bytes of the payload. @throws TokenInvalidError `forged` */
export type OpenJws = (jws: CompactJws) => Uint8Array | Promise<Uint8Array>;

/**
 * Returns the verifier of a key, bound to the only algorithm of that key.
 *
 * jose verifies public keys. For HS256 the HMAC is computed again and compared, as for refresh tokens:
 * through Web Crypto it would take ten times as long. The header was checked before.
 */
export const openerFor = (key: SigningKey, crypto: CryptoProvider): OpenJws =>
  key.alg === 'HS256' ? openWithSecret(key, crypto) : openWithPublicKey(key);

const openWithSecret =
  (key: SymmetricSigningKey, crypto: CryptoProvider): OpenJws =>
  (jws) => {
    const signed = utf8(`${jws.protected}.${jws.payload}`);
    if (!bytesEqual(crypto.hmacSha256(secretOf(key), signed), decode(jws.signature))) {
      throw new TokenInvalidError('forged');
    }
    try {
      return decode(jws.payload);
    } catch {
      throw new TokenInvalidError('forged');
    }
  };

const openWithPublicKey = (source: AsymmetricSigningKey): OpenJws => {
  const only = { algorithms: [source.alg] };
  return async (jws) => {
    try {
      return (await flattenedVerify(jws, source.publicKey, only)).payload;
    } catch (error) {
      throw refusalFor(error);
    }
  };
};

/** Returns the error for one of jose's, without a cause: that could quote the token. */
const refusalFor = (error: unknown): unknown => {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  if (code === 'ERR_JWS_INVALID') return new TokenInvalidError('forged');
  if (code !== 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') return error;
  // With a cause, the platform failed: the signature was neither accepted nor refused.
  return cause ?? new TokenInvalidError('forged');
};
