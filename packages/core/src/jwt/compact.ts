import { TokenInvalidError } from '../errors.ts';

/** The three segments of a compact JWS (RFC 7515 § 7.1), in the form that jose takes. */
export interface CompactJws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

/** The default of the longest token, in characters. */
export const defaultMaxLength = 8192;

const segment = /^[\w-]+$/;
// No segment can hold a dot, so that there is nothing to backtrack into.
const shape = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Characters that may end a segment, by its length modulo 4: the bits that
 * carry no data have to be zero, or one token would have several spellings.
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
 * Splits a compact JWS: exactly three segments, each canonical base64url
 * without padding (RFC 7515 § 2). A JWE (five segments) is none.
 *
 * Behind a header of `known`, whose text was examined before, the letters of the
 * payload are not looked at: the signature is made over them as they stand, so
 * that nobody but its maker can spell them otherwise. To hold also him to the
 * one spelling, ask `isSpeltOut` once the signature holds. Letters of a signature
 * are covered by nothing, and always looked at.
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
 * Whether a payload of `splitCompact` that was decoded to these bytes is spelt in
 * base64url and nothing else. Decoders refuse foreign letters but skip white
 * space and padding, and each character that is skipped leaves fewer bytes than
 * the length calls for.
 */
export const isSpeltOut = (payload: string, bytes: Uint8Array): boolean =>
  bytes.length === (payload.length * 3) >> 2;
