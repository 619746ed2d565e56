import { InvalidInputError } from '@pawl/core';

/** What a cookie is set, and cleared, with. Always `HttpOnly`, never `Domain`. */
export interface CookieAttributes {
  readonly name: string;
  readonly path: string;
  readonly sameSite: 'Lax' | 'Strict' | 'None';
  readonly secure: boolean;
}

/** RFC 9110 § 5.6.2 `token`. */
export const isCookieName = (name: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name);

/** RFC 6265bis § 4.1.1 `cookie-octet`: no controls, space, `"`, `,`, `;` or `\`, nothing beyond ASCII. */
const isCookieValue = (value: string): boolean => /^[!#-+\--:<-[\]-~]*$/.test(value);

/** A path of a URL that needs no quoting in an attribute. */
export const isCookiePath = (path: string): boolean => /^\/[!#-+\--:<-[\]-~]*$/.test(path);

/** In bytes; all of it is ASCII. RFC 6265bis § 5.6: longer ones are ignored by browsers. */
const maxNameAndValue = 4_096;
const maxAttribute = 1_024;
/** In s: 400 days, the most a browser keeps (RFC 6265bis § 5.6.2). */
const maxMaxAge = 34_560_000;

/**
 * Writes a `Set-Cookie` value.
 *
 * @param maxAge in seconds; cut at 400 days, 0 clears the cookie
 * @throws InvalidInputError for what a browser would misread or ignore (ASVS 5.0 V3.3.5)
 */
export const serializeCookie = (
  { name, path, sameSite, secure }: CookieAttributes,
  value: string,
  maxAge: number,
): string => {
  if (!isCookieName(name)) throw new InvalidInputError('cookie.name', 'is not a token');
  if (!isCookieValue(value)) throw new InvalidInputError('cookie.value', 'is not plain ASCII');
  if (name.length + value.length > maxNameAndValue) {
    throw new InvalidInputError(
      'cookie.value',
      `is too long: name and value have ${maxNameAndValue} bytes; give the session fewer claims`,
    );
  }
  if (!isCookiePath(path) || path.length > maxAttribute) {
    throw new InvalidInputError('cookie.path', 'is not a plain path');
  }
  if (sameSite !== 'Lax' && sameSite !== 'Strict' && sameSite !== 'None') {
    throw new InvalidInputError('cookie.sameSite', 'must be Lax, Strict or None');
  }
  const age = Math.min(Math.max(Math.floor(maxAge), 0), maxMaxAge);
  if (Number.isNaN(age)) throw new InvalidInputError('cookie.maxAge', 'must be a number');
  const attributes = `Max-Age=${age}; Path=${path}; HttpOnly; SameSite=${sameSite}`;
  return `${name}=${value}; ${attributes}${secure ? '; Secure' : ''}`;
};
