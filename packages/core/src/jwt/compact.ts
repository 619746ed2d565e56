import { TokenInvalidError } from '../errors.ts';

/** The three segments of a compact JWS (RFC 7515 § 7.1), in the form that jose takes. */
export interface CompactJws {
  readonly protected: string;
  readonly payload: string;
  readonly signature: string;
}

/** The default of the longest token, in characters. */
export const defaultMaxLength = 8192;

// No segment can hold a dot, so that there is nothing to backtrack into.
const shape = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * Characters that may end a segment, by its length modulo 4: the bits that
 * carry no data have to be zero, or one token would have several spellings.
 */
const lastOfTwo = 'AQgw';
const lastOfThree = 'AEIMQUYcgkosw048';

const isCanonical = (text: string, start: number, end: number): boolean => {
  const rest = (end - start) & 3;
  if (rest === 0) return true;
  if (rest === 1) return false;
  return (rest === 2 ? lastOfTwo : lastOfThree).includes(text[end - 1] as string);
};

/**
 * Splits a compact JWS: exactly three segments, each canonical base64url
 * without padding (RFC 7515 § 2). A JWE (five segments) is none.
 *
 * @throws TokenInvalidError `malformed`
 */
export const splitCompact = (token: string, maxLength: number): CompactJws => {
  if (typeof token !== 'string' || token.length > maxLength || !shape.test(token)) {
    throw new TokenInvalidError('malformed');
  }
  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  if (
    !isCanonical(token, 0, first) ||
    !isCanonical(token, first + 1, second) ||
    !isCanonical(token, second + 1, token.length)
  ) {
    throw new TokenInvalidError('malformed');
  }
  return {
    protected: token.slice(0, first),
    payload: token.slice(first + 1, second),
    signature: token.slice(second + 1),
  };
};
