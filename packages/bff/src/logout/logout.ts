import { type Auth, isPawlError } from '@pawl/core';
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
import type { BffSettings } from '../settings.ts';
import { pause } from '../upstream/pause.ts';
import { revokeTokenSet } from '../upstream/refresh-once.ts';
import type { TokenSetReader } from '../upstream/token-set-reader.ts';

/** In ms: a provider that is slow to hear of it does not keep the user waiting. */
const courtesy = 2_000;

/**
 * `POST /logout`: ends the session here, then tells the provider that its tokens are not
 * needed any more, and answers where the browser goes to end its session there, too
 * (OpenID Connect RP-Initiated Logout): 200 with `logout_url`, or 204. Works without a cookie.
 */
export const logoutRoute = <Data>(
  settings: BffSettings<unknown, Data>,
  reader: TokenSetReader,
  request: HttpRequest,
): Promise<HttpResponse> => {
  const { http } = settings;
  let cookies: readonly string[] = [];
  const work = async (): Promise<HttpResponse> => {
    assertOrigin(http, request);
    const token = http.cookies && readCookie(http, request, http.cookies.policy.access);
    if (http.cookies && token !== undefined) cookies = clearSessionCookies(http.cookies.policy);
    if (token === null) throw new HttpError('ERR_CREDENTIAL_INVALID', 'there are two cookies');
    const auth = token ? await authOf(settings, token) : null;
    const tokenSet = auth?.session ? await opened(reader, auth.session) : null;
    if (token) await revokeQuietly(http, token, 'logout');
    if (auth?.sessionId) {
      await settings.notify('loggedOut', { sessionId: auth.sessionId, reason: 'logout' });
    }
    if (tokenSet) await Promise.race([revokeTokenSet(settings, tokenSet), pause(courtesy)]);
    const url = await logoutUrl(settings, tokenSet);
    return url ? jsonResponse(200, { logout_url: url }, cookies) : emptyResponse(cookies);
  };
  return respondToErrors(http, work, () => ({ cookies }));
};

/** Null for a session that is over anyway. @throws StoreUnavailableError */
const authOf = async <Data>(
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

/** A tokenSet that does not open keeps nobody from logging out. */
const opened = async (
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
 * The ID token is no hint here unless the application wants it: it would have to pass
 * through the browser. Without it a provider asks its user.
 */
const logoutUrl = async (
  { provider, login, emit }: BffSettings<unknown, unknown>,
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
    // The session here is over all the same.
    emit({ type: 'upstream.failed', during: 'logout', reason: 'discovery' });
    return null;
  }
};
