import { isPawlError } from '@pawl/core';
import { HttpError, type HttpRequest, type HttpResponse, isHttpError } from '@pawl/http';
import { beginSession, revokeQuietly } from '@pawl/http/extension';
import { randomDPoPKeyPair } from 'openid-client';
import { rememberSid } from '../logout/sid-index.ts';
import { isLoginRefusal, providerFailure } from '../provider/failure.ts';
import { exchangeCode, type LoginGrant } from '../provider/grants.ts';
import type { Provider } from '../provider/provider.ts';
import type { BffSettings } from '../settings.ts';
import { revokeTokenSet } from '../upstream/refresh-once.ts';
import { sessionOf } from './new-session.ts';
import { seeOther } from './redirect.ts';
import {
  checkNavigation,
  endTransaction,
  type OpenTransaction,
  takeTransaction,
} from './transaction.ts';

/**
 * `GET /callback`: finishes a login that this browser has begun, replaces the session
 * that it had, and leads to where it wanted to go. 303.
 *
 * @throws HttpError `ERR_CSRF`, `ERR_LOGIN_FAILED`, `ERR_UPSTREAM_UNAVAILABLE`; what the
 *   `created` hook throws; SessionLimitError, StoreFullError, StoreUnavailableError
 */
export const callback = async <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  request: HttpRequest,
): Promise<HttpResponse> => {
  checkNavigation(request);
  try {
    const { transaction, state } = await taken(settings, request);
    const provider = await settings.known('login');
    const grant = await exchange(settings, provider, request, transaction, state);
    const cookies = await begin(settings, request, transaction, grant);
    return seeOther(transaction.returnTo, [...cookies, endTransaction(settings)]);
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

const taken = async (
  settings: BffSettings<unknown, unknown>,
  request: HttpRequest,
): Promise<{ readonly transaction: OpenTransaction; readonly state: string }> => {
  const states = new URLSearchParams(request.query).getAll('state');
  const [state] = states;
  if (state === undefined || states.length > 1) throw failed(settings, 'state');
  try {
    return { transaction: await takeTransaction(settings, request, state), state };
  } catch (error) {
    if (isPawlError(error) && error.code === 'ERR_TOKEN_INVALID') throw failed(settings, 'state');
    throw error;
  }
};

const exchange = async (
  settings: BffSettings<unknown, unknown>,
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
    const { reason } = providerFailure(error);
    if (isLoginRefusal(error) || isInvalidAnswer(reason)) throw failed(settings, reason);
    settings.emit({ type: 'upstream.failed', during: 'login', reason });
    throw new HttpError('ERR_UPSTREAM_UNAVAILABLE', 'the identity provider did not answer');
  }
};

/** An answer that is not for us, or not from whom it should be: trying again does not mend it. */
const isInvalidAnswer = (reason: string): boolean =>
  [
    'OAUTH_INVALID_RESPONSE',
    'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
    'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
    'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
    'no_id_token',
    'token_type',
  ].includes(reason);

/** The session of a login, and its cookies. The tokens of one that cannot begin are given back. */
const begin = async <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  request: HttpRequest,
  { previous }: OpenTransaction,
  grant: LoginGrant,
): Promise<readonly string[]> => {
  try {
    const session = await sessionOf(settings, grant);
    const { sid } = grant.idToken;
    if (typeof sid === 'string') await rememberSid(settings, sid, session.userId);
    if (previous !== undefined) await revokeQuietly(settings.http, previous, 'replaced');
    return (await beginSession(settings.http, request, session, 'cookies')).cookies;
  } catch (error) {
    await revokeTokenSet(settings, grant.tokenSet);
    const isTooLarge = isPawlError(error) && error.code === 'ERR_INPUT_INVALID';
    throw isTooLarge ? failed(settings, 'input', error) : error;
  }
};

const failed = (
  { emit }: BffSettings<unknown, unknown>,
  reason: string,
  cause?: Error,
): HttpError => {
  emit({ type: 'login.failed', reason });
  return new HttpError('ERR_LOGIN_FAILED', 'the login did not succeed', cause && { cause });
};
