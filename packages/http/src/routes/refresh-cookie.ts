import { chooseToken } from '../cookies/choose-token.ts';
import { otherPaths } from '../cookies/other-paths.ts';
import type { CookieAttributes } from '../cookies/serialize.ts';
import { assertOrigin, readCookies } from '../credential.ts';
import { HttpError } from '../http-error.ts';
import type { Delivery } from '../options.ts';
import type { HttpRequest } from '../request.ts';
import type { AnyHttpSettings, CookieSettings } from '../settings.ts';

/** A refresh token, and where its successor has to go. */
export interface PresentedRefreshToken {
  readonly token: string;
  readonly delivery: Delivery;
}

/**
 * Reads the refresh token of a request's cookies: of the session cookie, of the pair, or of an
 * earlier version's pair.
 *
 * @param stale receives the cookies that the response has to clear
 * @returns null without such a cookie
 * @throws HttpError `ERR_CSRF`, or `ERR_REFRESH_TOKEN_INVALID` for cookies of several sessions
 */
export const readRefreshCookie = async (
  settings: AnyHttpSettings,
  request: HttpRequest,
  stale: CookieAttributes[],
): Promise<PresentedRefreshToken | null> => {
  const { cookies, deliver } = settings;
  const own = cookies && refreshCookieOf(cookies);
  if (!own) return null;
  const { mode, credential } = cookies.policy;
  const values = readCookies(settings, request, own);
  if (values[0] === undefined) return readFirstEdition(settings, cookies, request, stale);
  assertOrigin(settings, request);
  if (values.length > 1) stale.push(...otherPaths(cookies, own));
  if (mode === 'session') {
    const token = values.length === 1 ? values[0] : await chooseToken(settings, values);
    if (token === null) throw refused('there are cookies of several sessions');
    return { token, delivery: deliver === 'both' ? 'both' : 'cookies' };
  }
  const [token] = values;
  if (values.length > 1) throw refused('there are several refresh cookies');
  await assertSameSession(settings, request, token, credential);
  return { token, delivery: 'cookies' };
};

const refreshCookieOf = ({ policy }: CookieSettings): CookieAttributes | null =>
  policy.mode === 'session' ? policy.credential : policy.refresh;

const readFirstEdition = async (
  settings: AnyHttpSettings,
  { policy, firstEdition }: CookieSettings,
  request: HttpRequest,
  stale: CookieAttributes[],
): Promise<PresentedRefreshToken | null> => {
  if (!firstEdition) return null;
  const { access, refresh } = firstEdition;
  const [token] = readCookies(settings, request, refresh);
  if (token === undefined) return null;
  assertOrigin(settings, request);
  // Another host of the same site can set this cookie, but not the access cookie (`__Host-`).
  await assertSameSession(settings, request, token, access, true);
  stale.push(refresh);
  if (access.name !== policy.credential.name) stale.push(access);
  return { token, delivery: 'cookies' };
};

/**
 * Refuses a refresh cookie of another session than the access cookie's.
 *
 * @param required whether there must be an access cookie. Default false
 * @throws HttpError `ERR_REFRESH_TOKEN_INVALID`
 */
const assertSameSession = async (
  settings: AnyHttpSettings,
  request: HttpRequest,
  refreshToken: string,
  access: CookieAttributes,
  required = false,
): Promise<void> => {
  const { sessions } = settings.issuer;
  const [accessToken] = readCookies(settings, request, access);
  const other = accessToken === undefined ? null : await sessions?.identify(accessToken);
  if (!other && !required) return;
  const own = await sessions?.identify(refreshToken);
  // A token that was not issued here is for `sessions.refresh` to refuse.
  if (!own || own.sessionId === other?.sessionId) return;
  throw refused('the refresh cookie belongs to another session than the access cookie');
};

const refused = (message: string): HttpError => new HttpError('ERR_REFRESH_TOKEN_INVALID', message);
