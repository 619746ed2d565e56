import { isPawlError, type RevocationReason } from '@pawl/core';
import { readField } from '../body.ts';
import { readPresentTokens } from '../cookies/present-tokens.ts';
import { assertOrigin, readHeader } from '../credential.ts';
import { HttpError } from '../http-error.ts';
import type { HttpRequest } from '../request.ts';
import { respondToErrors } from '../respond-to-errors.ts';
import { emptyResponse, type HttpResponse } from '../response.ts';
import type { AnyHttpSettings } from '../settings.ts';

/**
 * `POST /logout`: revokes the sessions of all tokens of the request, also by an expired access
 * token or a refresh token alone (cookie or JSON), and clears all cookies of them, even if the
 * store fails, which still is an error. Without sessions there is one cookie, and its token is revoked if
 * there is a blocklist.
 */
export const logoutRoute = async (
  settings: AnyHttpSettings,
  request: HttpRequest,
): Promise<HttpResponse> => {
  const { issuer, clearSiteData, bodyLimit } = settings;
  // No proof of possession is required: revoking a stolen token does no harm.
  const header = readHeader(settings, request);
  const present = readPresentTokens(settings, request);
  const hasCookies = present.clear.length > 0;
  let cookies: readonly string[] = [];

  const work = async (): Promise<HttpResponse> => {
    // Another site must not even clear cookies. It cannot send an `Authorization` header.
    if (hasCookies && header.kind === 'none') assertOrigin(settings, request);
    cookies = present.clear;
    if (header.kind === 'bad') {
      throw new HttpError('ERR_CREDENTIAL_INVALID', 'the credential is malformed or ambiguous');
    }
    if (header.kind === 'token') {
      await issuer.revoke(header.token, 'logout');
    } else if (hasCookies) {
      for (const token of present.tokens) await revokeQuietly(settings, token, 'logout');
    } else if (issuer.sessions) {
      const token = await readField(request, 'refresh_token', bodyLimit);
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
