import { HttpError, type HttpRequest, type HttpResponse } from '@pawl/http';
import {
  assertOrigin,
  jsonResponse,
  respondToErrors,
  withPendingCookies,
} from '@pawl/http/extension';
import type { BffGuard } from '../guard.ts';
import type { BffSettings } from '../settings.ts';
import type { InternalTokenSource } from '../upstream/token-source.ts';

/** In ms: a younger token is not refreshed again, because parallel calls share one refresh. */
const minAge = 30_000;

/**
 * `POST /refresh`: refreshes the upstream token now, and returns when the new one expires.
 * Returns 501 if the provider gave no refresh token.
 */
export const handleRefresh = <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  guard: BffGuard<Claims, Data>,
  upstream: InternalTokenSource,
  request: HttpRequest,
): Promise<HttpResponse> =>
  respondToErrors(settings.http, async () => {
    assertOrigin(settings.http, request);
    const outcome = await guard(request);
    if (outcome.kind === 'refused' || outcome.kind === 'redirected') return outcome.response;
    const response = await respondToErrors(settings.http, async () => {
      const session = outcome.kind === 'authenticated' ? outcome.auth.session : null;
      if (!session) throw new HttpError('ERR_CREDENTIAL_MISSING', 'there is no session');
      return refresh(settings, upstream, session);
    });
    return withPendingCookies(response, outcome.pending);
  });

const refresh = async <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  upstream: InternalTokenSource,
  session: Parameters<InternalTokenSource['reader']['open']>[0],
): Promise<HttpResponse> => {
  const { tokenSet } = await upstream.reader.open(session);
  if (tokenSet.refreshToken === null) {
    throw new HttpError('ERR_NOT_CONFIGURED', 'the provider gave no refresh token');
  }
  const isRecent = settings.clock() - tokenSet.obtainedAt < minAge;
  const { accessToken, tokenType, expiresAt } = tokenSet;
  const token = await upstream.getUpstreamToken(
    session.sessionId,
    isRecent ? {} : { forceRefresh: { accessToken, tokenType, expiresAt } },
  );
  return jsonResponse(200, {
    expires_at: token.expiresAt === null ? null : new Date(token.expiresAt).toISOString(),
  });
};
