import type { LoginTokens } from '../issuer/issuer.ts';
import type { CookiePolicy } from './policy.ts';
import { type CookieAttributes, serializeCookie } from './serialize.ts';

/**
 * The cookies of a session. All live until its absolute expiry: what an
 * expired access token is still good for, its cookie is too. Without a session
 * there is one, which lives as long as its token.
 *
 * @param now in ms since the epoch
 * @throws InvalidInputError for a token that no browser would keep
 */
export const serializeSessionCookies = (
  { access, refresh }: CookiePolicy,
  tokens: LoginTokens,
  now: number,
): readonly string[] => {
  const { accessToken, refreshToken } = tokens;
  const maxAge = ((tokens.refreshTokenExpiresAt ?? tokens.accessTokenExpiresAt) - now) / 1_000;
  const cookies = [serializeCookie(access, accessToken, maxAge)];
  if (refresh && refreshToken !== null)
    cookies.push(serializeCookie(refresh, refreshToken, maxAge));
  return cookies;
};

/** Clears a cookie: with the attributes it was set with, else it would be another cookie. */
export const clearCookie = (attributes: CookieAttributes): string =>
  serializeCookie(attributes, '', 0);

/**
 * Clears all, the access cookie last: of several cookies that one response
 * clears, curl's jar may forget all but the last.
 */
export const clearSessionCookies = ({ access, refresh }: CookiePolicy): readonly string[] => [
  ...(refresh ? [clearCookie(refresh)] : []),
  clearCookie(access),
];
