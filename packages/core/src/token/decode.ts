import type { TokenRefusal } from '../errors.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { decodeTriples } from './base64url.ts';
import { bytesEqual } from './bytes.ts';
import { expiryOfToken, generationOf, kidOf } from './derive.ts';
import { idCharacters, isOfType, layout, type TokenType, tokenCharacters } from './layout.ts';
import { tagOf } from './tag.ts';

/** A token whose tag holds: we made it, for this use. Nothing is said about whether it is current. */
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
 * Reads a token without any store, or answers why it is refused. The order of
 * the checks is from cheap to dear, and nothing is compared before its length
 * and alphabet hold: each token has exactly one spelling.
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
