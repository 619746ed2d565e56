import { callStore } from '@pawl/core/internal';
import { newCallId } from '@pawl/core/store';
import { HttpError, type HttpRequest, type HttpResponse } from '@pawl/http';
import { noStore, respondToErrors, singleHeader } from '@pawl/http/extension';
import type { AnyBffSettings, BffSettings } from '../settings.ts';
import { type LogoutToken, LogoutTokenError, verifyLogoutToken } from './logout-token.ts';
import { findUserOfSid } from './sid-index.ts';
import { singleUseKey } from './single-use-key.ts';

/** In ms: longer than a logout token is accepted. */
const replayWindow = 300_000;

/**
 * `POST /backchannel-logout`: the provider says that one of its sessions, or all sessions of a
 * user, have ended (OpenID Connect Back-Channel Logout 1.0). Sessions of a later login stay: both
 * are dated by the provider's clock. Returns 200; 400 if the token is invalid; 503 if the logout
 * could not be carried out, so that the provider sends it again.
 */
export const handleBackchannelLogout = <Data>(
  settings: BffSettings<unknown, Data>,
  request: HttpRequest,
): Promise<HttpResponse> =>
  respondToErrors(settings.http, async () => {
    const token = await verifyToken(settings, await readLogoutToken(settings, request));
    await endSessions(settings, token);
    // Last: a logout that failed may be sent again, and a repeated one finds nothing to end.
    if (!(await isFirstUse(settings, token))) throw refuseToken(settings, 'replay');
    return { status: 200, headers: noStore, cookies: [] };
  });

const verifyToken = async (settings: AnyBffSettings, token: string): Promise<LogoutToken> => {
  const provider = await settings.requireProvider('logout');
  const { keys } = provider;
  if (!keys) throw new HttpError('ERR_NOT_CONFIGURED', 'the provider has no keys');
  const { issuer } = provider.config.serverMetadata();
  const { clientId, signingAlgorithm } = settings.provider;
  try {
    const expected = { issuer, clientId, signingAlgorithm };
    return await verifyLogoutToken(token, keys, expected, settings.clock());
  } catch (error) {
    if (error instanceof LogoutTokenError) throw refuseToken(settings, error.message);
    settings.emit({ type: 'upstream.failed', during: 'logout', reason: 'keys' });
    throw new HttpError(
      'ERR_UPSTREAM_UNAVAILABLE',
      'the keys of the identity provider are unavailable',
    );
  }
};

const endSessions = async <Data>(
  settings: BffSettings<unknown, Data>,
  { sub, sid, issuedAt }: LogoutToken,
): Promise<void> => {
  const { sessions, login } = settings;
  const userId = sub === null ? await findUserOfSid(settings, sid as string) : login.userIdOf(sub);
  if (userId === null) return;
  for (const { sessionId, data } of await sessions.list(userId)) {
    const isNamed = sid === null || data.upstream?.sid === sid;
    if (!isNamed || !(data.upstream?.issuedAt <= issuedAt)) continue;
    await settings.endSession(sessionId, 'backchannel_logout');
  }
};

const isFirstUse = async (
  { singleUse, provider }: AnyBffSettings,
  { jti }: LogoutToken,
): Promise<boolean> => {
  const key = await singleUseKey(`bff jti\n${provider.issuer}\n${jti}`);
  return callStore(() => singleUse.put(key, '1', replayWindow, newCallId()));
};

const formType = /^application\/x-www-form-urlencoded[ \t]*(;|$)/i;

const readLogoutToken = async (settings: AnyBffSettings, request: HttpRequest): Promise<string> => {
  if (!formType.test(singleHeader(request, 'content-type') ?? '')) {
    throw refuseToken(settings, 'media_type');
  }
  const body = await request.body(settings.http.bodyLimit);
  if (body === null) throw new HttpError('ERR_BODY_TOO_LARGE', 'the body is too large');
  const tokens = new URLSearchParams(new TextDecoder().decode(body)).getAll('logout_token');
  if (tokens[0] === undefined || tokens.length > 1) throw refuseToken(settings, 'missing');
  return tokens[0];
};

/** Emits the event, and returns the error to throw. */
const refuseToken = ({ emit }: AnyBffSettings, reason: string): HttpError => {
  emit({ type: 'logout_token.refused', reason });
  return new HttpError('ERR_REQUEST_INVALID', 'the logout token is invalid');
};
