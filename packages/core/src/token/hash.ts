import type { CryptoProvider } from '../crypto/provider.ts';
import { layout } from './layout.ts';

/** Returns what a store keeps of a token: the SHA-256 of its bytes. */
export const hashToken = (token: Uint8Array, crypto: CryptoProvider): Uint8Array =>
  crypto.sha256(token);

/** In bytes: the part of the hash that a store keeps of an opaque access token. */
const accessHashBytes = 16;

/**
 * Returns what a store keeps of an opaque access token: 128 bits of the SHA-256 of everything but
 * its expiry and tag. Without the expiry, a late replay can issue the same token with a new expiry
 * and no write; the tag protects the expiry.
 */
export const hashAccessToken = (token: Uint8Array, crypto: CryptoProvider): Uint8Array => {
  const hashed = token.slice(0, layout.tag);
  hashed.fill(0, layout.expiry, layout.secret);
  return crypto.sha256(hashed).slice(0, accessHashBytes);
};
