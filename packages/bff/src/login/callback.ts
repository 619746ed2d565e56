import { isPawlError } from '@pawl/core';
import { HttpError, type HttpRequest, type HttpResponse, isHttpError } from '@pawl/http';
import { beginSession } from '@pawl/http/extension';
import { randomDPoPKeyPair } from 'openid-client';
import { rememberSid } from '../logout/sid-index.ts';
import type { Provider } from '../provider/configured-provider.ts';
import { isLoginRefusal, toProviderFailure } from '../provider/failure.ts';
import { exchangeCode, type LoginGrant } from '../provider/grants.ts';
import type { AnyBffSettings, BffSettings } from '../settings.ts';
import { revokeTokenSet } from '../upstream/refresh-once.ts';
import { readBrowserSessions, rememberBrowserSession } from './browser-session.ts';
import { claimLogin, releaseLogin, rememberLogin, takeLoginResult } from './claim.ts';
import { startLogin } from './login.ts';
import { clearLoginCookie } from './login-cookies.ts';
import { assertNavigation } from './navigation.ts';
import { seeOther } from './redirect.ts';
import { sessionInputOf } from './session-input.ts';
import { type OpenTransaction, openTransaction } from './transaction.ts';

/**
 * `GET /callback`: finishes a login that this browser began, ends the sessions that the browser
 * had, and redirects to `returnTo`. Returns 303, also if the login failed: then to `failurePath`.
 *
 * A login whose response was lost begins again. A reload after the response leads back to where
 * the login began.
 *
 * @throws HttpError `ERR_CSRF`, `ERR_UPSTREAM_UNAVAILABLE`; what the `onLogin` hook throws;
 *   SessionLimitError, StoreFullError, StoreUnavailableError
 */
export const handleCallback = async <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  request: HttpRequest,
): Promise<HttpResponse> => {
  assertNavigation(request);
  const [state, ...others] = new URLSearchParams(request.query).getAll('state');
  if (state === undefined || others.length > 0) return failLogin(settings, 'state');
  const transaction = await openTransaction(settings, request, state);
  if (!transaction) return resumeOrFail(settings, request, state);
  const provider = await settings.requireProvider('login');
  if (!(await claimLogin(settings, state))) return restart(settings, request, transaction);
  try {
    const grant = await exchange(settings, provider, request, transaction);
    return await finish(settings, request, transaction, grant);
  } catch (error) {
    if (!isHttpError(error) || error.code !== 'ERR_LOGIN_FAILED') throw error;
    return failLogin(settings, error.message, [clearLoginCookie(settings, state)]);
  }
};

/** The browser has no such login: it has finished it before, or never began it. */
const resumeOrFail = async (
  settings: AnyBffSettings,
  request: HttpRequest,
  state: string,
): Promise<HttpResponse> => {
  for (const last of await readBrowserSessions(settings, request)) {
    if (!(await isAlive(settings, last.sessionId))) continue;
    const { href } = new URL('/', settings.login.origin);
    return seeOther(last.state === state ? last.returnTo : href, []);
  }
  return failLogin(settings, 'state');
};

/** @throws StoreUnavailableError */
const isAlive = async ({ sessions }: AnyBffSettings, sessionId: string): Promise<boolean> => {
  try {
    await sessions.get(sessionId);
    return true;
  } catch (error) {
    if (isPawlError(error) && error.code !== 'ERR_STORE_UNAVAILABLE') return false;
    throw error;
  }
};

/** How many lost logins in a row are remembered. */
const maxRetries = 4;

/**
 * The login was claimed, and this browser still has its cookie: it did not get the response. Its
 * code cannot be used again, so the browser goes to the provider once more.
 */
const restart = async (
  settings: AnyBffSettings,
  request: HttpRequest,
  { state, returnTo, previous, retryOf }: OpenTransaction,
): Promise<HttpResponse> => {
  const states = [state, ...retryOf].slice(0, maxRetries);
  const start = { returnTo, previous, retryOf: states };
  const response = await startLogin(settings, request, 'own', start);
  return { ...response, cookies: [...response.cookies, clearLoginCookie(settings, state)] };
};

/** @throws HttpError `ERR_LOGIN_FAILED`, with the reason as its message; `ERR_UPSTREAM_UNAVAILABLE` */
const exchange = async (
  settings: AnyBffSettings,
  provider: Provider,
  request: HttpRequest,
  { state, nonce, verifier }: OpenTransaction,
): Promise<LoginGrant> => {
  const { redirectUri, dpop, sendIdTokenHint } = settings.login;
  const url = new URL(redirectUri);
  url.search = request.query;
  // Nothing to compare it with.
  if (!settings.provider.sendsIssuer) url.searchParams.delete('iss');
  const dpopKey = dpop ? await randomDPoPKeyPair('ES256', { extractable: true }) : null;
  try {
    return await exchangeCode(
      provider,
      { url, state, nonce: settings.provider.user ? null : nonce, verifier, dpopKey },
      settings.clock(),
      sendIdTokenHint,
    );
  } catch (error) {
    // No session was created. After an outage, a reload of the page exchanges the code.
    await releaseLogin(settings, state);
    const { reason } = toProviderFailure(error);
    if (isLoginRefusal(error) || isInvalidResponse(reason)) throw loginFailed(reason);
    settings.emit({ type: 'upstream.failed', during: 'login', reason });
    throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the identity provider is unavailable');
  }
};

/** Whether the response belongs to another request or issuer, so that a retry does not help. */
const isInvalidResponse = (reason: string): boolean =>
  [
    'OAUTH_INVALID_RESPONSE',
    'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
    'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
    'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
    'no_id_token',
    'token_type',
  ].includes(reason);

/** Creates the session. If that fails, the upstream tokens are revoked. */
const finish = async <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  request: HttpRequest,
  transaction: OpenTransaction,
  grant: LoginGrant,
): Promise<HttpResponse> => {
  const { state, returnTo } = transaction;
  try {
    const input = await sessionInputOf(settings, grant);
    const sid = grant.idToken?.['sid'];
    if (typeof sid === 'string') await rememberSid(settings, sid, input.userId);
    await endPreviousSessions(settings, request, transaction);
    const { cookies, tokens } = await beginSession(settings.http, request, input, 'cookies');
    const { sessionId } = tokens as { readonly sessionId: string };
    await rememberLogin(settings, state, sessionId);
    const browser = await rememberBrowserSession(settings, { sessionId, state, returnTo });
    return seeOther(returnTo, [...cookies, browser, clearLoginCookie(settings, state)]);
  } catch (error) {
    await revokeTokenSet(settings, grant.tokenSet);
    const isTooLarge = isPawlError(error) && error.code === 'ERR_INPUT_INVALID';
    throw isTooLarge ? loginFailed('input', error) : error;
  }
};

/**
 * Ends the sessions that the new one replaces: those of the cookies when the login began, those of
 * other logins of this browser since then, and those of responses that were lost.
 *
 * @throws StoreUnavailableError
 */
const endPreviousSessions = async (
  settings: AnyBffSettings,
  request: HttpRequest,
  { previous, retryOf }: OpenTransaction,
): Promise<void> => {
  const found = new Set(previous);
  for (const { sessionId } of await readBrowserSessions(settings, request)) found.add(sessionId);
  for (const state of retryOf) {
    const sessionId = await takeLoginResult(settings, state);
    if (sessionId !== null) found.add(sessionId);
  }
  for (const sessionId of found) {
    await settings.sessions.revoke(sessionId, { reason: 'replaced' });
  }
};

const loginFailed = (reason: string, cause?: Error): HttpError =>
  new HttpError('ERR_LOGIN_FAILED', reason, cause && { cause });

/** Emits the event, and returns to the application: an error page would help nobody. */
const failLogin = (
  { emit, login }: AnyBffSettings,
  reason: string,
  cookies: readonly string[] = [],
): HttpResponse => {
  emit({ type: 'login.failed', reason });
  const url = new URL(login.failurePath);
  url.searchParams.set('error', 'login_failed');
  return seeOther(url.href, cookies);
};
