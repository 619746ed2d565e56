import type { TokenRefusal } from '../errors.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { decodeTriples } from './base64url.ts';
import { bytesEqual } from './bytes.ts';
import { expiryOfToken, generationOf, kidOf } from './derive.ts';
import { idCharacters, isOfType, layout, type TokenType, tokenCharacters } from './layout.ts';
import { tagOf } from './tag.ts';

/** A token whose tag is valid: issued here, for this use. Whether it is current is not checked yet. */
export interface DecodedToken {
  readonly bytes: Uint8Array;
  readonly kid: number;
  /** The 24 characters of the id. */
  readonly id: string;
  readonly generation: number;
  /** Whole seconds since the epoch. */
  readonly expiry: number;
}

/**
 * Reads a token without a store call, or returns why it is refused. Cheap checks come first, and
 * nothing is compared before length and alphabet are valid: each token has exactly one spelling.
 */
export const decodeToken = (
  token: string,
  type: TokenType,
  prefix: string,
  keys: KeyRing,
): DecodedToken | TokenRefusal => {
  if (token.length !== prefix.length + tokenCharacters || !token.startsWith(prefix)) {
    return 'malformed';
  }
  const bytes = decodeTriples(token, prefix.length);
  if (!bytes) return 'malformed';
  if (!isOfType(bytes[0], type)) return 'wrong_type';
  const kid = kidOf(bytes);
  const root = keys.find(kid);
  if (!root) return 'kid_unknown';
  if (root.status === 'compromised') return 'kid_compromised';
  if (!bytesEqual(tagOf(bytes, root), bytes.subarray(layout.tag))) return 'forged';
  return {
    bytes,
    kid,
    id: token.slice(prefix.length + idCharacters.start, prefix.length + idCharacters.end),
    generation: generationOf(bytes),
    expiry: expiryOfToken(bytes),
  };
};
