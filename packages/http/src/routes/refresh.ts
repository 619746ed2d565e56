import { isPawlError, type Sessions } from '@pawl/core';
import { answering } from '../answering.ts';
import { readJsonField } from '../body.ts';
import type { HttpContext } from '../context.ts';
import { checkOrigin, readCookie } from '../credential.ts';
import { deliver } from '../delivery.ts';
import { provenKey } from '../dpop/possession.ts';
import { isUnauthenticated } from '../errors.ts';
import { HttpError } from '../http-error.ts';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse } from '../response.ts';

type AnyContext = HttpContext<unknown, unknown>;
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
  context: AnyContext,
  sessions: AnySessions,
  request: HttpRequest,
): Promise<HttpResponse> =>
  answering(context, async () => {
    const { token, delivery } = await readRefreshToken(context, request);
    const proof = await provenKey(context, request);
    try {
      return deliver(context, await sessions.refresh(token, request, proof), delivery);
    } catch (error) {
      if (!isUnauthenticated(error)) throw error;
      throw new HttpError('ERR_REFRESH_TOKEN_INVALID', 'the refresh token is not valid', {
        // Of use to an error handler; an unknown error would have been thrown on.
        cause: isPawlError(error) ? error : undefined,
      });
    }
  });

/** Without sessions: no token of ours could be exchanged here. */
export const noRefreshRoute = (context: AnyContext): Promise<HttpResponse> =>
  answering(context, async () => {
    throw new HttpError('ERR_NOT_FOUND', 'there are no sessions, so nothing is refreshed');
  });

interface PresentedToken {
  readonly token: string;
  readonly delivery: 'cookies' | 'body';
}

const readRefreshToken = async (
  context: AnyContext,
  request: HttpRequest,
): Promise<PresentedToken> => {
  const { cookies } = context;
  const refresh = cookies?.policy.refresh;
  const cookie = refresh ? readCookie(context, request, refresh) : undefined;
  if (cookie === null) {
    throw new HttpError('ERR_REFRESH_TOKEN_INVALID', 'there are two refresh cookies');
  }
  if (cookie !== undefined) {
    checkOrigin(context, request);
    return { token: cookie, delivery: 'cookies' };
  }
  const token = await readJsonField(request, 'refresh_token', context.bodyLimit);
  if (!token) throw new HttpError('ERR_REQUEST_INVALID', 'there is no refresh token');
  return { token, delivery: 'body' };
};
