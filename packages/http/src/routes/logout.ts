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
 * `POST /logout`: ends the sessions of all tokens that the request carries, an
 * expired access token or a lone refresh token (cookie or JSON) included, and
 * clears both cookies: also where the store fails, which is still an error. Without
 * sessions there is one cookie, and its token ends if there is a blocklist.
 */
export const logoutRoute = async (
  settings: AnyHttpSettings,
  request: HttpRequest,
): Promise<HttpResponse> => {
  const { issuer, cookies: setting, clearSiteData, bodyLimit } = settings;
  // No proof is asked for: a token that is somebody else's may as well be ended.
  const header = readHeader(settings, request);
  const found = setting
    ? [setting.policy.access, setting.policy.refresh].map((one) =>
        one ? readCookie(settings, request, one) : undefined,
      )
    : [];
  const hasCookies = found.some((value) => value !== undefined);
  let cookies: readonly string[] = [];

  const work = async (): Promise<HttpResponse> => {
    // Not even the clearing is for another site to cause. A header it cannot send.
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

/** Ends the session of a token; what is no token of ours has no session to end. */
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
