import { HttpError, type HttpRequest, type HttpResponse } from '@pawl/http';
import { readPresentTokens } from '@pawl/http/extension';
import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
} from 'openid-client';
import type { AnyBffSettings } from '../settings.ts';
import { seeOther } from './redirect.ts';
import { returnUrl } from './return-to.ts';
import { assertNavigation, beginTransaction } from './transaction.ts';

/**
 * `GET /login?returnTo=/path`: redirects the browser to the provider, with PKCE (S256), a state
 * and a nonce. Returns 303.
 *
 * @throws HttpError `ERR_CSRF`, `ERR_REQUEST_INVALID`, `ERR_UPSTREAM_UNAVAILABLE`;
 *   StoreUnavailableError
 */
export const handleLogin = async (
  settings: AnyBffSettings,
  request: HttpRequest,
): Promise<HttpResponse> => {
  const { login } = settings;
  assertNavigation(request);
  const paths = new URLSearchParams(request.query).getAll('returnTo');
  const returnTo = returnUrl(paths[0] ?? '/', login.origin);
  if (returnTo === null || paths.length > 1) {
    throw new HttpError('ERR_REQUEST_INVALID', 'returnTo must be a path on this service');
  }
  const { config } = await settings.requireProvider('login');
  const verifier = randomPKCECodeVerifier();
  const nonce = randomNonce();
  const { state, cookie } = await beginTransaction(settings, request, {
    nonce,
    verifier,
    returnTo,
    previous: await findPreviousTokens(settings, request),
  });
  const url = buildAuthorizationUrl(config, {
    ...login.parameters,
    redirect_uri: login.redirectUri,
    scope: login.scope,
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  return seeOther(url.href, [cookie]);
};

/** Returns the session tokens of the browser's cookies, without those that were not issued here. */
const findPreviousTokens = async (
  { http, sessions }: AnyBffSettings,
  request: HttpRequest,
): Promise<readonly string[]> => {
  const { tokens } = readPresentTokens(http, request);
  const identities = await Promise.all(tokens.map((token) => sessions.identify(token)));
  return tokens.filter((_, index) => identities[index] !== null);
};
