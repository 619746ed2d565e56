import type { RenewedToken, ResumedSession, VerifyOptions } from '@pawl/core';
import { isWebSocketUpgrade } from '../credential.ts';
import { type HttpRequest, headerLines } from '../request.ts';
import type { AnyHttpSettings, HttpSettings } from '../settings.ts';
import type { PendingCookies } from './pending-cookies.ts';
import { serializeCookie } from './serialize.ts';

/**
 * Checks the token of a session cookie. An access token stays as it is.
 *
 * @throws what `sessions.resume` throws
 */
export const resume = <Claims, Data>(
  { issuer: { sessions } }: HttpSettings<Claims, Data>,
  request: HttpRequest,
  token: string,
  { maxStaleness }: Pick<VerifyOptions, 'maxStaleness'>,
  canSetCookies: boolean,
): Promise<ResumedSession<Claims, Data>> => {
  // A session cookie is read only if there are sessions.
  if (!sessions) throw new Error('pawl: a session cookie without sessions');
  return sessions.resume(token, {
    maxStaleness,
    canRenew: () => canSetCookies && mayCarryCookies(request),
    context: request,
    waitUntil: request.waitUntil,
    // Only where the one cookie of an earlier version was an access token without an end.
    acceptAccessToken: sessions.times.accessTokenLifetime === Number.POSITIVE_INFINITY,
  });
};

/**
 * Returns the cookie with the next token: it is time to rotate it, or an earlier response with it
 * was lost.
 */
export const renewedCookie = (
  { issuer, cookies, clock }: AnyHttpSettings,
  { refreshToken, refreshTokenExpiresAt, decidedAt }: RenewedToken,
): PendingCookies | null => {
  if (!issuer.sessions || !cookies) return null;
  const maxAge = (refreshTokenExpiresAt - clock()) / 1_000;
  const latest = decidedAt + issuer.sessions.times.rotateAfter / 2;
  return {
    cookies: [serializeCookie(cookies.policy.credential, refreshToken, maxAge)],
    mayLeave: () => clock() <= latest,
  };
};

/**
 * Returns whether a browser would keep a cookie of the response. It may drop a prefetched one, and
 * the response to a WebSocket upgrade is not written by a framework.
 */
const mayCarryCookies = (request: HttpRequest): boolean =>
  !isWebSocketUpgrade(request) &&
  !prefetchHeaders.some((name) =>
    headerLines(request, name).some((line) => /\bprefetch\b/i.test(line)),
  );

/** The Fetch standard's, Chromium's before it, and Firefox' own. */
const prefetchHeaders = ['sec-purpose', 'purpose', 'x-moz', 'x-purpose'] as const;
