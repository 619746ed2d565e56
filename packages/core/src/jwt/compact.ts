import { TokenInvalidError } from '../errors.ts';

/** The three segments of a compact JWS (RFC 7515 § 7.1), as jose expects them. */
export interface CompactJws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

/** The default of `maxLength`, in characters. */
export const defaultMaxLength = 8192;

const segment = /^[\w-]+$/;
// No segment can contain a dot, so the expression never backtracks.
const shape = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * The characters that may end a segment, by its length modulo 4: bits that carry no data must be
 * zero, or one token would have several spellings.
 */
const lastOfTwo = 'AQgw';
const lastOfThree = 'AEIMQUYcgkosw048';

const isCanonical = (text: string): boolean => {
  const rest = text.length & 3;
  if (rest === 0) return true;
  if (rest === 1) return false;
  return (rest === 2 ? lastOfTwo : lastOfThree).includes(text.at(-1) as string);
};

/**
 * Splits a compact JWS: exactly three segments, each canonical base64url without padding
 * (RFC 7515 § 2). A JWE (five segments) is refused.
 *
 * If the header is in `known`, its text was checked before and the characters of the payload are not
 * checked: the signature covers them, so only its maker can choose another spelling. Call
 * `isSpeltOut` after the signature is verified to refuse that as well. Nothing covers the characters
 * of the signature, so they are always checked.
 *
 * @throws TokenInvalidError `malformed`
 */
export const splitCompact = (
  token: string,
  maxLength: number,
  known?: ReadonlyMap<string, unknown>,
): CompactJws => {
  if (typeof token === 'string' && token.length <= maxLength) {
    const first = token.indexOf('.');
    const second = token.indexOf('.', first + 1);
    const header = token.slice(0, first);
    const payload = token.slice(first + 1, second);
    const signature = token.slice(second + 1);
    if (
      (known?.has(header)
        ? second > first + 1 && segment.test(signature)
        : shape.test(token) && isCanonical(header)) &&
      isCanonical(payload) &&
      isCanonical(signature)
    ) {
      return { protected: header, payload, signature };
    }
  }
  throw new TokenInvalidError('malformed');
};

/**
 * Returns whether a payload of `splitCompact` that was decoded to these bytes is pure base64url.
 * Decoders refuse foreign characters but skip white space and padding; each skipped character leaves
 * fewer bytes than the length requires.
 */
export const isSpeltOut = (payload: string, bytes: Uint8Array): boolean =>
  bytes.length === (payload.length * 3) >> 2;
