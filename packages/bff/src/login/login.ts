import { HttpError, type HttpRequest, type HttpResponse } from '@pawl/http';
import { readCookie } from '@pawl/http/extension';
import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  randomNonce,
  randomPKCECodeVerifier,
} from 'openid-client';
import type { BffSettings } from '../settings.ts';
import { seeOther } from './redirect.ts';
import { returnUrl } from './return-to.ts';
import { beginTransaction, checkNavigation } from './transaction.ts';

/**
 * `GET /login?returnTo=/path`: sends the browser to the provider, with PKCE (S256), a
 * state and a nonce. 303.
 *
 * @throws HttpError `ERR_CSRF`, `ERR_REQUEST_INVALID`, `ERR_UPSTREAM_UNAVAILABLE`;
 *   StoreUnavailableError
 */
export const login = async (
  settings: BffSettings<unknown, unknown>,
  request: HttpRequest,
): Promise<HttpResponse> => {
  const { http, login: loginSettings } = settings;
  checkNavigation(request);
  const asked = new URLSearchParams(request.query).getAll('returnTo');
  const returnTo = returnUrl(asked[0] ?? '/', loginSettings.origin);
  if (returnTo === null || asked.length > 1) {
    throw new HttpError('ERR_REQUEST_INVALID', 'returnTo must be a path of this service');
  }
  const { config } = await settings.known('login');
  const verifier = randomPKCECodeVerifier();
  const nonce = randomNonce();
  const previous = http.cookies && readCookie(http, request, http.cookies.policy.access);
  const { state, cookie } = await beginTransaction(settings, request, {
    nonce,
    verifier,
    returnTo,
    ...(previous && { previous }),
  });
  const url = buildAuthorizationUrl(config, {
    ...loginSettings.parameters,
    redirect_uri: loginSettings.redirectUri,
    scope: loginSettings.scope,
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });
  return seeOther(url.href, [cookie]);
};
