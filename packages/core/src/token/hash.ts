import type { CryptoProvider } from '../crypto/provider.ts';
import { layout } from './layout.ts';

/** What a store keeps of a token: the SHA-256 of its bytes. */
export const hashToken = (token: Uint8Array, crypto: CryptoProvider): Uint8Array =>
  crypto.sha256(token);

/** How much of its hash a store keeps of an opaque access token. */
const accessHashBytes = 16;

/**
 * What a store keeps of an opaque access token: 128 bits of the SHA-256 of all
 * but its expiry and tag. The expiry is left out so that a late replay can time
 * the same token anew without a write; the tag vouches for it.
 */
export const hashAccessToken = (token: Uint8Array, crypto: CryptoProvider): Uint8Array => {
  const hashed = token.slice(0, layout.tag);
  hashed.fill(0, layout.expiry, layout.secret);
  return crypto.sha256(hashed).slice(0, accessHashBytes);
};
