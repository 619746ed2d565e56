import { HttpError, type HttpRequest, type HttpResponse } from '@pawl/http';
import { assertOrigin, jsonResponse, respondToErrors } from '@pawl/http/extension';
import type { BffGuard } from '../guard.ts';
import type { BffSettings } from '../settings.ts';
import type { TokenSetReader } from '../upstream/token-set-reader.ts';
import type { UpstreamTokenSource } from '../upstream/upstream-token.ts';

/** In ms: what is younger was refreshed by a call of the same moment. */
const recent = 30_000;

/**
 * `POST /refresh`: refreshes the upstream token before it is due, and answers when the
 * new one expires. 501 where the provider gave nothing to refresh with.
 */
export const refreshRoute = <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  guard: BffGuard<Claims, Data>,
  upstream: UpstreamTokenSource & { readonly reader: TokenSetReader },
  request: HttpRequest,
): Promise<HttpResponse> =>
  respondToErrors(settings.http, async () => {
    assertOrigin(settings.http, request);
    const outcome = await guard(request);
    if (outcome.kind === 'refused') return outcome.response;
    const session = outcome.kind === 'authenticated' ? outcome.auth.session : null;
    if (!session) throw new HttpError('ERR_CREDENTIAL_MISSING', 'there is no session');
    const { tokenSet } = await upstream.reader.open(session);
    if (tokenSet.refreshToken === null) {
      throw new HttpError('ERR_NOT_CONFIGURED', 'the provider gave no refresh token');
    }
    const isRecent = settings.clock() - tokenSet.obtainedAt < recent;
    const { accessToken, tokenType, expiresAt } = tokenSet;
    const token = await upstream.getUpstreamToken(
      session.sessionId,
      isRecent ? {} : { forceRefresh: { accessToken, tokenType, expiresAt } },
    );
    return jsonResponse(200, {
      expires_at: token.expiresAt === null ? null : new Date(token.expiresAt).toISOString(),
    });
  });
