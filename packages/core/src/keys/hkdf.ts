import type { CryptoProvider } from '../crypto/provider.ts';
import { concatBytes, utf8 } from '../token/bytes.ts';

const salt = utf8('pawl root v1');
const firstBlock = new Uint8Array([1]);

/** Extracts a pseudo-random key from a root secret (RFC 5869 § 2.2). */
export const hkdfExtract = (secret: Uint8Array, crypto: CryptoProvider): Uint8Array =>
  crypto.hmacSha256(salt, secret);

/** Expands it to 32 bytes for one use (RFC 5869 § 2.3, one block). */
export const hkdfExpand = (
  pseudoRandomKey: Uint8Array,
  label: string,
  crypto: CryptoProvider,
): Uint8Array => crypto.hmacSha256(pseudoRandomKey, concatBytes(utf8(label), firstBlock));
