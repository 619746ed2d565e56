import { isPawlError, type Sessions } from '@pawl/core';
import { readField } from '../body.ts';
import { withPendingCookies } from '../cookies/pending-cookies.ts';
import type { CookieAttributes } from '../cookies/serialize.ts';
import { clearCookie } from '../cookies/session-cookies.ts';
import { isSessionOver } from '../cookies/stale-cookies.ts';
import { deliverTokens } from '../delivery.ts';
import { readKeyProof } from '../dpop/possession.ts';
import { isUnauthenticated } from '../errors.ts';
import { HttpError } from '../http-error.ts';
import type { HttpRequest } from '../request.ts';
import { respondToErrors } from '../respond-to-errors.ts';
import type { HttpResponse } from '../response.ts';
import type { AnyHttpSettings } from '../settings.ts';
import { type PresentedRefreshToken, readRefreshCookie } from './refresh-cookie.ts';

type AnySessions = Sessions<unknown, unknown>;

/**
 * `POST /refresh`: exchanges the refresh token of the cookie, else of the JSON field
 * `refresh_token`, and delivers the new tokens the same way. No access token is required.
 *
 * A session that is bound to a key requires a proof of it, which is checked first: a refusal
 * consumes no token (RFC 9449 § 5).
 *
 * All problems of a refresh token have the same response. A refusal clears no cookie that a login in
 * another tab may have set in the meantime.
 */
export const refreshRoute = (
  settings: AnyHttpSettings,
  sessions: AnySessions,
  request: HttpRequest,
): Promise<HttpResponse> => {
  const stale: CookieAttributes[] = [];
  const work = async (): Promise<HttpResponse> => {
    const { token, delivery } = await readRefreshToken(settings, request, stale);
    const proof = await readKeyProof(settings, request, async () => {
      return (await sessions.identify(token))?.type === 'refresh';
    });
    try {
      const tokens = await sessions.refresh(token, { context: request, proof });
      const cookies = stale.map(clearCookie);
      return withPendingCookies(deliverTokens(settings, tokens, delivery), {
        cookies,
        mayLeave: () => true,
      });
    } catch (error) {
      if (!isUnauthenticated(error)) throw error;
      // An access token in the session cookie's place cannot be refreshed, and may still be valid.
      const isAccess = (await sessions.identify(token))?.type === 'access';
      if (delivery !== 'body' && !isAccess) stale.push(...cookiesOfEnded(settings, error));
      throw new HttpError('ERR_REFRESH_TOKEN_INVALID', 'the refresh token is not valid', {
        // For an error handler. Errors of others were rethrown above.
        cause: isPawlError(error) ? error : undefined,
      });
    }
  };
  return respondToErrors(settings, work, () => ({ cookies: stale.map(clearCookie) }));
};

/** `POST /refresh` without sessions: 404. */
export const noRefreshRoute = (settings: AnyHttpSettings): Promise<HttpResponse> =>
  respondToErrors(settings, async () => {
    throw new HttpError('ERR_NOT_FOUND', 'there are no sessions, so there is nothing to refresh');
  });

const readRefreshToken = async (
  settings: AnyHttpSettings,
  request: HttpRequest,
  stale: CookieAttributes[],
): Promise<PresentedRefreshToken> => {
  const cookie = await readRefreshCookie(settings, request, stale);
  if (cookie) return cookie;
  const token = await readField(request, 'refresh_token', settings.bodyLimit);
  if (!token) throw new HttpError('ERR_REQUEST_INVALID', 'refresh_token is missing');
  return { token, delivery: 'body' };
};

/** The cookies of a session that has ended. A pair is cleared only where nothing replaces it. */
const cookiesOfEnded = (
  { cookies }: AnyHttpSettings,
  error: unknown,
): readonly CookieAttributes[] => {
  if (!cookies || !isPawlError(error)) return [];
  const { mode, credential, refresh } = cookies.policy;
  if (mode === 'session') return isSessionOver(error) ? [credential] : [];
  const isLost = error.code === 'ERR_SESSION_REVOKED' && error.reason === 'lost';
  return isLost ? [...(refresh ? [refresh] : []), credential] : [];
};
