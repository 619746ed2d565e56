import { isPawlError, type Sessions } from '@pawl/core';
import { readJsonField } from '../body.ts';
import { assertOrigin, readCookie } from '../credential.ts';
import { deliverTokens } from '../delivery.ts';
import { readKeyProof } from '../dpop/possession.ts';
import { isUnauthenticated } from '../errors.ts';
import { HttpError } from '../http-error.ts';
import type { HttpRequest } from '../request.ts';
import { respondToErrors } from '../respond-to-errors.ts';
import type { HttpResponse } from '../response.ts';
import type { AnyHttpSettings } from '../settings.ts';

type AnySessions = Sessions<unknown, unknown>;

/**
 * `POST /refresh`: exchanges the refresh token of the cookie, else of the JSON field
 * `refresh_token`, and delivers the new tokens the same way. No access token is required.
 *
 * A session that is bound to a key requires a proof of it, which is checked first: a refusal
 * consumes no token (RFC 9449 § 5).
 *
 * All problems of a refresh token have the same response. A refusal never clears cookies: the
 * response to a late request must not remove what a login in another tab has set in the meantime.
 */
export const refreshRoute = (
  settings: AnyHttpSettings,
  sessions: AnySessions,
  request: HttpRequest,
): Promise<HttpResponse> =>
  respondToErrors(settings, async () => {
    const { token, delivery } = await readRefreshToken(settings, request);
    const proof = await readKeyProof(settings, request);
    try {
      return deliverTokens(
        settings,
        await sessions.refresh(token, { context: request, proof }),
        delivery,
      );
    } catch (error) {
      if (!isUnauthenticated(error)) throw error;
      throw new HttpError('ERR_REFRESH_TOKEN_INVALID', 'the refresh token is not valid', {
        // For an error handler. Errors of others were rethrown above.
        cause: isPawlError(error) ? error : undefined,
      });
    }
  });

/** `POST /refresh` without sessions: 404. */
export const noRefreshRoute = (settings: AnyHttpSettings): Promise<HttpResponse> =>
  respondToErrors(settings, async () => {
    throw new HttpError('ERR_NOT_FOUND', 'there are no sessions, so there is nothing to refresh');
  });

interface PresentedToken {
  readonly token: string;
  readonly delivery: 'cookies' | 'body';
}

const readRefreshToken = async (
  settings: AnyHttpSettings,
  request: HttpRequest,
): Promise<PresentedToken> => {
  const { cookies } = settings;
  const refresh = cookies?.policy.refresh;
  const cookie = refresh ? readCookie(settings, request, refresh) : undefined;
  if (cookie === null) {
    throw new HttpError('ERR_REFRESH_TOKEN_INVALID', 'there are several refresh cookies');
  }
  if (cookie !== undefined) {
    assertOrigin(settings, request);
    return { token: cookie, delivery: 'cookies' };
  }
  const token = await readJsonField(request, 'refresh_token', settings.bodyLimit);
  if (!token) throw new HttpError('ERR_REQUEST_INVALID', 'refresh_token is missing');
  return { token, delivery: 'body' };
};
