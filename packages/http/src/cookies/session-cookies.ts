import type { LoginTokens } from '../issuer/issuer.ts';
import type { CookiePolicy } from './policy.ts';
import { type CookieAttributes, serializeCookie } from './serialize.ts';

/**
 * Serializes the cookies of a session: its session token, or the pair. All live until its absolute
 * expiry, because a logout accepts an expired access token. Without a session there is one cookie,
 * which lives as long as its token.
 *
 * @param now in ms since the epoch
 * @throws InvalidInputError for a token that no browser would keep
 */
export const serializeSessionCookies = (
  { mode, credential, refresh }: CookiePolicy,
  tokens: LoginTokens,
  now: number,
): readonly string[] => {
  const { accessToken, refreshToken } = tokens;
  const maxAge = ((tokens.refreshTokenExpiresAt ?? tokens.accessTokenExpiresAt) - now) / 1_000;
  if (mode === 'session') return [serializeCookie(credential, refreshToken ?? '', maxAge)];
  const cookies = [serializeCookie(credential, accessToken, maxAge)];
  if (refresh && refreshToken !== null)
    cookies.push(serializeCookie(refresh, refreshToken, maxAge));
  return cookies;
};

/** Serializes a `Set-Cookie` value that clears a cookie, with the attributes it was set with. */
export const clearCookie = (attributes: CookieAttributes): string =>
  serializeCookie(attributes, '', 0);

/**
 * Serializes the `Set-Cookie` values that clear all cookies of a session. The credential is last:
 * if one response clears several cookies, curl's jar may ignore all but the last.
 */
export const clearSessionCookies = ({ credential, refresh }: CookiePolicy): readonly string[] => [
  ...(refresh ? [clearCookie(refresh)] : []),
  clearCookie(credential),
];
