import { isPawlError } from '@pawl/core';
import { pause } from '@pawl/core/internal';
import type { HttpRequest, HttpResponse } from '@pawl/http';
import {
  assertOrigin,
  emptyResponse,
  jsonResponse,
  readPresentTokens,
  respondToErrors,
} from '@pawl/http/extension';
import { buildEndSessionUrl } from 'openid-client';
import { clearBrowserSession, readBrowserSessions } from '../login/browser-session.ts';
import type { UpstreamTokenSet } from '../sealing/token-set.ts';
import type { AnyBffSettings, BffSettings } from '../settings.ts';
import { revokeTokenSet } from '../upstream/refresh-once.ts';
import type { TokenSetReader } from '../upstream/token-set-reader.ts';

/** In ms: how long the user waits for the provider to revoke the tokens. */
const maxRevocationWait = 2_000;

/**
 * `POST /logout`: ends every session that the cookies of the request name, also by a token that has
 * been replaced, and that of the browser's last login, then revokes their tokens at the provider. Returns 200 with `logout_url`, where the
 * browser ends the provider's session as well (OpenID Connect RP-Initiated Logout 1.0), or 204 if the
 * provider has no such page. Works without a cookie.
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
    const { tokens, clear } = readPresentTokens(http, request);
    cookies = [...clear, ...clearBrowserSession(settings, request)];
    const tokenSets: UpstreamTokenSet[] = [];
    let idToken: string | null = null;
    const own = await findSessions(settings, tokens);
    const last = await readBrowserSessions(settings, request);
    for (const sessionId of new Set([...own, ...last.map((one) => one.sessionId)])) {
      const tokenSet = await readIfPossible(reader, sessionId);
      if (tokenSet) tokenSets.push(tokenSet);
      if (tokenSet && own.has(sessionId)) idToken = await findIdToken(settings, tokens, tokenSet);
      await settings.endSession(sessionId, 'logout');
    }
    await Promise.race([
      Promise.all(tokenSets.map((tokenSet) => revokeTokenSet(settings, tokenSet))),
      pause(maxRevocationWait),
    ]);
    const url = await findLogoutUrl(settings, idToken);
    return url ? jsonResponse(200, { logout_url: url }, cookies) : emptyResponse(cookies);
  };
  return respondToErrors(http, work, () => ({ cookies }));
};

/** Returns the ids of the sessions that were issued here. They may have ended already. */
const findSessions = async (
  { sessions }: AnyBffSettings,
  tokens: readonly string[],
): Promise<ReadonlySet<string>> => {
  const identities = await Promise.all(tokens.map((token) => sessions.identify(token)));
  return new Set(identities.flatMap((identity) => (identity ? [identity.sessionId] : [])));
};

/**
 * Returns null if the session has ended, or if its tokens cannot be opened, so that the user can log
 * out all the same.
 *
 * @throws StoreUnavailableError
 */
const readIfPossible = async (
  reader: TokenSetReader,
  sessionId: string,
): Promise<UpstreamTokenSet | null> => {
  try {
    return (await reader.read(sessionId)).tokenSet;
  } catch (error) {
    if (isPawlError(error) && error.code !== 'ERR_STORE_UNAVAILABLE') return null;
    throw error;
  }
};

/**
 * Returns the ID token to send as a hint, if the application asks for it: it passes through the
 * browser, so the browser's one session token must be valid. Ending a session needs no valid token.
 *
 * @throws StoreUnavailableError
 */
const findIdToken = async (
  { sessions, login }: AnyBffSettings,
  [token, ...others]: readonly string[],
  { idToken }: UpstreamTokenSet,
): Promise<string | null> => {
  if (!login.sendIdTokenHint || token === undefined || others.length > 0) return null;
  try {
    await sessions.resume(token, { canRenew: false, maxStaleness: 0, acceptAccessToken: true });
    return idToken;
  } catch (error) {
    if (isPawlError(error) && error.code !== 'ERR_STORE_UNAVAILABLE') return null;
    throw error;
  }
};

/** Returns the provider's page for a logout. Without the hint, that page asks the user. */
const findLogoutUrl = async (
  { provider, login, emit }: AnyBffSettings,
  idToken: string | null,
): Promise<string | null> => {
  try {
    const { config } = await provider.get();
    if (!config.serverMetadata().end_session_endpoint) return null;
    return buildEndSessionUrl(config, {
      post_logout_redirect_uri: login.postLogoutRedirectUri,
      ...(idToken !== null && { id_token_hint: idToken }),
    }).href;
  } catch {
    // The session of this service has ended all the same.
    emit({ type: 'upstream.failed', during: 'logout', reason: 'discovery' });
    return null;
  }
};
