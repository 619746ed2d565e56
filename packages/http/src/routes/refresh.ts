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
 * `POST /refresh`: exchanges the refresh token of the cookie, else of the JSON
 * field `refresh_token`, and answers the way it came. No access token is needed.
 *
 * A session that is bound to a key needs a proof of it, which is checked first: what is
 * refused has consumed nothing (RFC 9449 § 5).
 *
 * Whatever is wrong with a refresh token is one answer. The cookies stay as
 * they are on every refusal: the answer to a straggler must not take away what a
 * login in another tab has set meanwhile.
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
        // Of use to an error handler; an unknown error would have been thrown on.
        cause: isPawlError(error) ? error : undefined,
      });
    }
  });

/** Without sessions: no token of ours could be exchanged here. */
export const noRefreshRoute = (settings: AnyHttpSettings): Promise<HttpResponse> =>
  respondToErrors(settings, async () => {
    throw new HttpError('ERR_NOT_FOUND', 'there are no sessions, so nothing is refreshed');
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
    throw new HttpError('ERR_REFRESH_TOKEN_INVALID', 'there are two refresh cookies');
  }
  if (cookie !== undefined) {
    assertOrigin(settings, request);
    return { token: cookie, delivery: 'cookies' };
  }
  const token = await readJsonField(request, 'refresh_token', settings.bodyLimit);
  if (!token) throw new HttpError('ERR_REQUEST_INVALID', 'there is no refresh token');
  return { token, delivery: 'body' };
};
