import { InvalidInputError } from '@pawl/core';

/** The attributes that a cookie is set and cleared with. Always `HttpOnly`, never `Domain`. */
export interface CookieAttributes {
  readonly name: string;
  readonly path: string;
  readonly sameSite: 'Lax' | 'Strict' | 'None';
  readonly secure: boolean;
}

/** Returns whether a name is a `token` (RFC 9110 § 5.6.2). */
export const isCookieName = (name: string): boolean => /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name);

/** `cookie-octet` of RFC 6265bis § 4.1.1: ASCII without controls, space, `"`, `,`, `;` and `\`. */
const isCookieValue = (value: string): boolean => /^[!#-+\--:<-[\]-~]*$/.test(value);

/** Returns whether a path of a URL needs no quoting in a cookie attribute. */
export const isCookiePath = (path: string): boolean => /^\/[!#-+\--:<-[\]-~]*$/.test(path);

/** In bytes, all ASCII. Browsers ignore longer cookies (RFC 6265bis § 5.6). */
const maxNameAndValue = 4_096;
const maxAttribute = 1_024;
/** In seconds: 400 days, the longest that a browser keeps a cookie (RFC 6265bis § 5.6.2). */
const maxMaxAge = 34_560_000;

/**
 * Serializes a `Set-Cookie` value.
 *
 * @param maxAge in seconds; at most 400 days are used, 0 clears the cookie
 * @throws InvalidInputError for what a browser would misread or ignore (ASVS 5.0 V3.3.5)
 */
export const serializeCookie = (
  { name, path, sameSite, secure }: CookieAttributes,
  value: string,
  maxAge: number,
): string => {
  if (!isCookieName(name)) throw new InvalidInputError('cookie.name', 'must be a token (RFC 9110)');
  if (!isCookieValue(value)) throw new InvalidInputError('cookie.value', 'must be plain ASCII');
  if (name.length + value.length > maxNameAndValue) {
    throw new InvalidInputError(
      'cookie.value',
      `is longer than ${maxNameAndValue} bytes with its name: give the session fewer claims`,
    );
  }
  if (!isCookiePath(path) || path.length > maxAttribute) {
    throw new InvalidInputError('cookie.path', 'must be a path that begins with /');
  }
  if (sameSite !== 'Lax' && sameSite !== 'Strict' && sameSite !== 'None') {
    throw new InvalidInputError('cookie.sameSite', 'must be Lax, Strict or None');
  }
  const age = Math.min(Math.max(Math.floor(maxAge), 0), maxMaxAge);
  if (Number.isNaN(age)) throw new InvalidInputError('cookie.maxAge', 'must be a number');
  const attributes = `Max-Age=${age}; Path=${path}; HttpOnly; SameSite=${sameSite}`;
  return `${name}=${value}; ${attributes}${secure ? '; Secure' : ''}`;
};
