import { HttpError, type HttpRequest, type HttpResponse } from '@pawl/http';
import { readPresentTokens } from '@pawl/http/extension';
import { buildAuthorizationUrl, calculatePKCECodeChallenge } from 'openid-client';
import type { AnyBffSettings } from '../settings.ts';
import type { Starter } from './login-cookies.ts';
import { assertNavigation, isForeignNavigation } from './navigation.ts';
import { seeOther } from './redirect.ts';
import { returnUrl } from './return-to.ts';
import { beginTransaction, type LoginStart } from './transaction.ts';

/**
 * `GET /login?returnTo=/path`: redirects the browser to the provider, with PKCE (S256), a state
 * and a nonce. Returns 303. It stores nothing, and changes nothing but cookies: every site can
 * navigate here.
 *
 * @throws HttpError `ERR_CSRF`, `ERR_REQUEST_INVALID`, `ERR_UPSTREAM_UNAVAILABLE`
 */
export const handleLogin = async (
  settings: AnyBffSettings,
  request: HttpRequest,
): Promise<HttpResponse> => {
  assertNavigation(request);
  const paths = new URLSearchParams(request.query).getAll('returnTo');
  const returnTo = returnUrl(paths[0] ?? '/', settings.login.origin);
  if (returnTo === null || paths.length > 1) {
    throw new HttpError('ERR_REQUEST_INVALID', 'returnTo must be a path on this service');
  }
  const previous = await findPreviousSessions(settings, request);
  const starter = isForeignNavigation(request) ? 'foreign' : 'own';
  return startLogin(settings, request, starter, { returnTo, previous, retryOf: [] });
};

/** Sends the browser to the provider. @throws HttpError `ERR_UPSTREAM_UNAVAILABLE` */
export const startLogin = async (
  settings: AnyBffSettings,
  request: HttpRequest,
  starter: Starter,
  start: LoginStart,
): Promise<HttpResponse> => {
  const { login } = settings;
  const { config } = await settings.requireProvider('login');
  const { transaction, cookies } = await beginTransaction(settings, request, starter, start);
  const url = buildAuthorizationUrl(config, {
    ...login.parameters,
    redirect_uri: login.redirectUri,
    ...(login.scope !== '' && { scope: login.scope }),
    state: transaction.state,
    ...(!settings.provider.user && { nonce: transaction.nonce }),
    code_challenge: await calculatePKCECodeChallenge(transaction.verifier),
    code_challenge_method: 'S256',
  });
  return seeOther(url.href, cookies);
};

/** Returns the sessions of the browser's cookies, without those that were not issued here. */
const findPreviousSessions = async (
  { http, sessions }: AnyBffSettings,
  request: HttpRequest,
): Promise<readonly string[]> => {
  const { tokens } = readPresentTokens(http, request);
  const identities = await Promise.all(tokens.map((token) => sessions.identify(token)));
  return [...new Set(identities.flatMap((identity) => (identity ? [identity.sessionId] : [])))];
};
