import { isPawlError, type RevocationReason } from '@pawl/core';
import { readJsonField } from '../body.ts';
import { clearSessionCookies } from '../cookies/session-cookies.ts';
import { assertOrigin, readCookie, readHeader } from '../credential.ts';
import { HttpError } from '../http-error.ts';
import type { HttpRequest } from '../request.ts';
import { respondToErrors } from '../respond-to-errors.ts';
import { emptyResponse, type HttpResponse } from '../response.ts';
import type { AnyHttpSettings } from '../settings.ts';

/**
 * `POST /logout`: revokes the sessions of all tokens of the request, also by an expired access
 * token or a refresh token alone (cookie or JSON), and clears both cookies, even if the store
 * fails, which still is an error. Without sessions there is one cookie, and its token is revoked if
 * there is a blocklist.
 */
export const logoutRoute = async (
  settings: AnyHttpSettings,
  request: HttpRequest,
): Promise<HttpResponse> => {
  const { issuer, cookies: setting, clearSiteData, bodyLimit } = settings;
  // No proof of possession is required: revoking a stolen token does no harm.
  const header = readHeader(settings, request);
  const found = setting
    ? [setting.policy.access, setting.policy.refresh].map((one) =>
        one ? readCookie(settings, request, one) : undefined,
      )
    : [];
  const hasCookies = found.some((value) => value !== undefined);
  let cookies: readonly string[] = [];

  const work = async (): Promise<HttpResponse> => {
    // Another site must not even clear cookies. It cannot send an `Authorization` header.
    if (hasCookies && header.kind === 'none') assertOrigin(settings, request);
    if (setting && hasCookies) cookies = clearSessionCookies(setting.policy);
    if (header.kind === 'bad' || (header.kind === 'none' && found.includes(null))) {
      throw new HttpError('ERR_CREDENTIAL_INVALID', 'the credential is malformed or ambiguous');
    }
    if (header.kind === 'token') {
      await issuer.revoke(header.token, 'logout');
    } else if (hasCookies) {
      for (const token of found) if (token) await revokeQuietly(settings, token, 'logout');
    } else if (issuer.sessions) {
      const token = await readJsonField(request, 'refresh_token', bodyLimit);
      if (token !== undefined) await issuer.revoke(token, 'logout');
    }
    return emptyResponse(cookies);
  };
  const response = await respondToErrors(settings, work, () => ({ cookies }));
  if (!clearSiteData || cookies.length === 0) return response;
  const everything = '"cache", "cookies", "storage"';
  return { ...response, headers: { ...response.headers, 'clear-site-data': everything } };
};

/**
 * Revokes the session of a token. Does nothing for a foreign or malformed token.
 *
 * @throws StoreUnavailableError
 */
export const revokeQuietly = async (
  { issuer }: AnyHttpSettings,
  token: string,
  reason: RevocationReason,
): Promise<void> => {
  try {
    await issuer.revoke(token, reason);
  } catch (error) {
    if (!isPawlError(error) || error.code !== 'ERR_TOKEN_INVALID') throw error;
  }
};
