import { isPawlError } from '@pawl/core';
import { HttpError, type HttpRequest, type HttpResponse, isHttpError } from '@pawl/http';
import { beginSession, revokeQuietly } from '@pawl/http/extension';
import { randomDPoPKeyPair } from 'openid-client';
import { rememberSid } from '../logout/sid-index.ts';
import { isLoginRefusal, toProviderFailure } from '../provider/failure.ts';
import { exchangeCode, type LoginGrant } from '../provider/grants.ts';
import type { Provider } from '../provider/provider.ts';
import type { AnyBffSettings, BffSettings } from '../settings.ts';
import { revokeTokenSet } from '../upstream/refresh-once.ts';
import { seeOther } from './redirect.ts';
import { sessionInputOf } from './session-input.ts';
import {
  assertNavigation,
  clearTransactionCookie,
  type OpenTransaction,
  takeTransaction,
} from './transaction.ts';

/**
 * `GET /callback`: finishes a login that this browser began, ends the sessions that the browser
 * had, and redirects to `returnTo`. Returns 303.
 *
 * @throws HttpError `ERR_CSRF`, `ERR_LOGIN_FAILED`, `ERR_UPSTREAM_UNAVAILABLE`; what the
 *   `onLogin` hook throws; SessionLimitError, StoreFullError, StoreUnavailableError
 */
export const handleCallback = async <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  request: HttpRequest,
): Promise<HttpResponse> => {
  assertNavigation(request);
  try {
    const { transaction, state } = await takeLogin(settings, request);
    const provider = await settings.requireProvider('login');
    const grant = await exchange(settings, provider, request, transaction, state);
    const cookies = await createSession(settings, request, transaction, grant);
    return seeOther(transaction.returnTo, [...cookies, clearTransactionCookie(settings)]);
  } catch (error) {
    const { failurePath, origin } = settings.login;
    if (failurePath === null || !isHttpError(error) || error.code !== 'ERR_LOGIN_FAILED') {
      throw error;
    }
    const url = new URL(failurePath, origin);
    url.searchParams.set('error', 'login_failed');
    return seeOther(url.href, []);
  }
};

/** Takes the login that the state in the query names. */
const takeLogin = async (
  settings: AnyBffSettings,
  request: HttpRequest,
): Promise<{ readonly transaction: OpenTransaction; readonly state: string }> => {
  const states = new URLSearchParams(request.query).getAll('state');
  const [state] = states;
  if (state === undefined || states.length > 1) throw failLogin(settings, 'state');
  try {
    return { transaction: await takeTransaction(settings, request, state), state };
  } catch (error) {
    if (isPawlError(error) && error.code === 'ERR_TOKEN_INVALID') {
      throw failLogin(settings, 'state');
    }
    throw error;
  }
};

const exchange = async (
  settings: AnyBffSettings,
  provider: Provider,
  request: HttpRequest,
  { nonce, verifier }: OpenTransaction,
  state: string,
): Promise<LoginGrant> => {
  const { redirectUri, dpop, sendIdTokenHint } = settings.login;
  const url = new URL(redirectUri);
  url.search = request.query;
  const dpopKey = dpop ? await randomDPoPKeyPair('ES256', { extractable: true }) : null;
  try {
    return await exchangeCode(
      provider,
      { url, state, nonce, verifier, dpopKey },
      settings.clock(),
      sendIdTokenHint,
    );
  } catch (error) {
    const { reason } = toProviderFailure(error);
    if (isLoginRefusal(error) || isInvalidResponse(reason)) throw failLogin(settings, reason);
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

/** Creates the session, and returns its cookies. If that fails, the upstream tokens are revoked. */
const createSession = async <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  request: HttpRequest,
  { previous }: OpenTransaction,
  grant: LoginGrant,
): Promise<readonly string[]> => {
  try {
    const input = await sessionInputOf(settings, grant);
    const { sid } = grant.idToken;
    if (typeof sid === 'string') await rememberSid(settings, sid, input.userId);
    for (const token of [previous ?? []].flat()) {
      await revokeQuietly(settings.http, token, 'replaced');
    }
    return (await beginSession(settings.http, request, input, 'cookies')).cookies;
  } catch (error) {
    await revokeTokenSet(settings, grant.tokenSet);
    const isTooLarge = isPawlError(error) && error.code === 'ERR_INPUT_INVALID';
    throw isTooLarge ? failLogin(settings, 'input', error) : error;
  }
};

/** Emits the event, and returns the error to throw. */
const failLogin = ({ emit }: AnyBffSettings, reason: string, cause?: Error): HttpError => {
  emit({ type: 'login.failed', reason });
  return new HttpError('ERR_LOGIN_FAILED', 'the login failed', cause && { cause });
};
