import { HttpError, type HttpRequest, type HttpResponse } from '@pawl/http';
import { noStore, respondToErrors, singleHeader } from '@pawl/http/extension';
import { base64url } from 'jose';
import type { BffSettings } from '../settings.ts';
import { callStore } from '../store-call.ts';
import { type LogoutToken, LogoutTokenError, verifyLogoutToken } from './logout-token.ts';
import { userOfSid } from './sid-index.ts';

/** In ms: longer than a logout token is accepted. */
const replayWindow = 300_000;

/**
 * `POST /backchannel-logout`: the provider says that a session of its own, or all of a
 * user's, have ended (OpenID Connect Back-Channel Logout 1.0). Sessions of a login after
 * that go on: both are dated by the provider's own clock. 200; 400 for a token that is
 * none; 503 where it could not be carried out, so that the provider comes again.
 */
export const backchannelRoute = <Data>(
  settings: BffSettings<unknown, Data>,
  request: HttpRequest,
): Promise<HttpResponse> =>
  respondToErrors(settings.http, async () => {
    const token = await verified(settings, await readLogoutToken(settings, request));
    await endSessions(settings, token);
    // After the deed: a repeated one finds nothing more to end, one that failed may come again.
    if (!(await isFirst(settings, token))) throw refused(settings, 'replay');
    return { status: 200, headers: noStore, cookies: [] };
  });

const verified = async (
  settings: BffSettings<unknown, unknown>,
  text: string,
): Promise<LogoutToken> => {
  const provider = await settings.known('logout');
  const { issuer } = provider.config.serverMetadata();
  const { clientId, signingAlgorithm } = settings.provider;
  try {
    const expected = { issuer, clientId, signingAlgorithm };
    return await verifyLogoutToken(text, provider, expected, settings.clock());
  } catch (error) {
    if (error instanceof LogoutTokenError) throw refused(settings, error.message);
    settings.emit({ type: 'upstream.failed', during: 'logout', reason: 'keys' });
    throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the keys of the provider are not there');
  }
};

const endSessions = async <Data>(
  settings: BffSettings<unknown, Data>,
  { sub, sid, issuedAt }: LogoutToken,
): Promise<void> => {
  const { sessions, login } = settings;
  const userId = sub === null ? await userOfSid(settings, sid as string) : login.userIdOf(sub);
  if (userId === null) return;
  for (const { sessionId, data } of await sessions.list(userId)) {
    const isMeant = sid === null || data.upstream?.sid === sid;
    if (!isMeant || !(data.upstream?.issuedAt <= issuedAt)) continue;
    await settings.end(sessionId, 'backchannel_logout');
  }
};

const isFirst = async (
  { singleUse, provider }: BffSettings<unknown, unknown>,
  { jti }: LogoutToken,
): Promise<boolean> => {
  const bytes = new TextEncoder().encode(`bff jti\n${provider.issuer}\n${jti}`);
  const key = base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
  return callStore(() => singleUse.put(key, '1', replayWindow));
};

const formType = /^application\/x-www-form-urlencoded[ \t]*(;|$)/i;

const readLogoutToken = async (
  settings: BffSettings<unknown, unknown>,
  request: HttpRequest,
): Promise<string> => {
  if (!formType.test(singleHeader(request, 'content-type') ?? '')) {
    throw refused(settings, 'media_type');
  }
  const body = await request.body(settings.http.bodyLimit);
  if (body === null) throw new HttpError('ERR_BODY_TOO_LARGE', 'the body is too large');
  const tokens = new URLSearchParams(new TextDecoder().decode(body)).getAll('logout_token');
  if (tokens[0] === undefined || tokens.length > 1) throw refused(settings, 'missing');
  return tokens[0];
};

const refused = ({ emit }: BffSettings<unknown, unknown>, reason: string): HttpError => {
  emit({ type: 'logout_token.refused', reason });
  return new HttpError('ERR_REQUEST_INVALID', 'the logout token is not valid');
};
