import { type Auth, isPawlError } from '@pawl/core';
import { pause } from '@pawl/core/internal';
import { HttpError, type HttpRequest, type HttpResponse } from '@pawl/http';
import {
  assertOrigin,
  clearSessionCookies,
  emptyResponse,
  jsonResponse,
  readCookie,
  respondToErrors,
  revokeQuietly,
} from '@pawl/http/extension';
import { buildEndSessionUrl } from 'openid-client';
import type { UpstreamTokenSet } from '../sealing/token-set.ts';
import type { BffData } from '../sealing/upstream-session.ts';
import type { AnyBffSettings, BffSettings } from '../settings.ts';
import { revokeTokenSet } from '../upstream/refresh-once.ts';
import type { TokenSetReader } from '../upstream/token-set-reader.ts';

/** In ms: how long the user waits for the provider to revoke the tokens. */
const maxRevocationWait = 2_000;

/**
 * `POST /logout`: ends the session, then revokes its tokens at the provider. Returns 200 with
 * `logout_url`, where the browser ends the provider's session as well (OpenID Connect
 * RP-Initiated Logout 1.0), or 204 if the provider has no such page. Works without a cookie.
 */
export const handleLogout = <Data>(
  settings: BffSettings<unknown, Data>,
  reader: TokenSetReader,
  request: HttpRequest,
): Promise<HttpResponse> => {
  const { http } = settings;
  let cookies: readonly string[] = [];
  const work = async (): Promise<HttpResponse> => {
    assertOrigin(http, request);
    const token = http.cookies && readCookie(http, request, http.cookies.policy.credential);
    if (http.cookies && token !== undefined) cookies = clearSessionCookies(http.cookies.policy);
    if (token === null) {
      throw new HttpError('ERR_CREDENTIAL_INVALID', 'there are two session cookies');
    }
    const auth = token ? await findAuth(settings, token) : null;
    const tokenSet = auth?.session ? await openIfPossible(reader, auth.session) : null;
    if (token) await revokeQuietly(http, token, 'logout');
    if (auth?.sessionId) {
      await settings.notify('onLogout', { sessionId: auth.sessionId, reason: 'logout' });
    }
    if (tokenSet) {
      await Promise.race([revokeTokenSet(settings, tokenSet), pause(maxRevocationWait)]);
    }
    const url = await findLogoutUrl(settings, tokenSet);
    return url ? jsonResponse(200, { logout_url: url }, cookies) : emptyResponse(cookies);
  };
  return respondToErrors(http, work, () => ({ cookies }));
};

/** Returns null if the session has ended already. @throws StoreUnavailableError */
const findAuth = async <Data>(
  { sessions }: BffSettings<unknown, Data>,
  token: string,
): Promise<Auth<unknown, BffData<Data>> | null> => {
  try {
    return await sessions.verify(token, { maxStaleness: 0 });
  } catch (error) {
    if (isPawlError(error) && error.code.startsWith('ERR_STORE')) throw error;
    if (isPawlError(error)) return null;
    throw error;
  }
};

/** Returns null if the tokens cannot be opened, so that the user can log out all the same. */
const openIfPossible = async (
  reader: TokenSetReader,
  session: Parameters<TokenSetReader['open']>[0],
): Promise<UpstreamTokenSet | null> => {
  try {
    return (await reader.open(session)).tokenSet;
  } catch (error) {
    if (isPawlError(error)) return null;
    throw error;
  }
};

/**
 * The ID token is sent as a hint only if the application asks for it, because it passes through
 * the browser. Without it the provider asks the user.
 */
const findLogoutUrl = async (
  { provider, login, emit }: AnyBffSettings,
  tokenSet: UpstreamTokenSet | null,
): Promise<string | null> => {
  try {
    const { config } = await provider.get();
    if (!config.serverMetadata().end_session_endpoint) return null;
    return buildEndSessionUrl(config, {
      post_logout_redirect_uri: login.postLogoutRedirectUri,
      ...(login.sendIdTokenHint && tokenSet?.idToken && { id_token_hint: tokenSet.idToken }),
    }).href;
  } catch {
    // The session of this service has ended all the same.
    emit({ type: 'upstream.failed', during: 'logout', reason: 'discovery' });
    return null;
  }
};
