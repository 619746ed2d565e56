import type { IssuedTokens } from '@pawl/core';
import type { CookiePolicy } from './policy.ts';
import { type CookieAttributes, serializeCookie } from './serialize.ts';

/**
 * The cookies of a session. All live until its absolute expiry: what an
 * expired access token is still good for, its cookie is too.
 *
 * @param now in ms since the epoch
 * @throws InvalidInputError for a token that no browser would keep
 */
export const sessionCookies = (
  { access, refresh }: CookiePolicy,
  tokens: IssuedTokens,
  now: number,
): readonly string[] => {
  const maxAge = (tokens.refreshTokenExpiresAt - now) / 1_000;
  return [
    serializeCookie(access, tokens.accessToken, maxAge),
    ...(refresh ? [serializeCookie(refresh, tokens.refreshToken, maxAge)] : []),
  ];
};

/** Clears a cookie: with the attributes it was set with, else it would be another cookie. */
export const clearedCookie = (attributes: CookieAttributes): string =>
  serializeCookie(attributes, '', 0);

/**
 * Clears all, the access cookie last: of several cookies that one response
 * clears, curl's jar may forget all but the last.
 */
export const clearedCookies = ({ access, refresh }: CookiePolicy): readonly string[] => [
  ...(refresh ? [clearedCookie(refresh)] : []),
  clearedCookie(access),
];
