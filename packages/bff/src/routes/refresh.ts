import { HttpError, type HttpRequest, type HttpResponse } from '@pawl/http';
import { assertOrigin, jsonResponse, respondToErrors } from '@pawl/http/extension';
import type { BffContext } from '../context.ts';
import type { BffGuard } from '../guard.ts';
import type { VaultReader } from '../upstream/read.ts';
import type { UpstreamTokens } from '../upstream/upstream-token.ts';

/** In ms: what is younger was refreshed by a call of the same moment. */
const recent = 30_000;

/**
 * `POST /refresh`: refreshes the upstream token before it is due, and answers when the
 * new one expires. 501 where the provider gave nothing to refresh with.
 */
export const refreshRoute = <Claims, Data>(
  context: BffContext<Claims, Data>,
  guard: BffGuard<Claims, Data>,
  upstream: UpstreamTokens & { readonly reader: VaultReader },
  request: HttpRequest,
): Promise<HttpResponse> =>
  respondToErrors(context.http, async () => {
    assertOrigin(context.http, request);
    const outcome = await guard(request);
    if (outcome.kind === 'refused') return outcome.response;
    const session = outcome.kind === 'authenticated' ? outcome.auth.session : null;
    if (!session) throw new HttpError('ERR_CREDENTIAL_MISSING', 'there is no session');
    const { vault } = await upstream.reader.open(session);
    if (vault.refreshToken === null) {
      throw new HttpError('ERR_NOT_CONFIGURED', 'the provider gave no refresh token');
    }
    const isRecent = context.clock() - vault.obtainedAt < recent;
    const { accessToken, tokenType, expiresAt } = vault;
    const token = await upstream.getUpstreamToken(
      session.sessionId,
      isRecent ? {} : { forceRefresh: { accessToken, tokenType, expiresAt } },
    );
    return jsonResponse(200, {
      expires_at: token.expiresAt === null ? null : new Date(token.expiresAt).toISOString(),
    });
  });
