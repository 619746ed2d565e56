import { cookieValues } from './cookies/parse.ts';
import type { CookieAttributes } from './cookies/serialize.ts';
import { HttpError } from './http-error.ts';
import { type HttpRequest, headerLines, isSafeMethod, singleHeader } from './request.ts';
import type { AnyHttpSettings } from './settings.ts';

/** How a token was presented. `DPoP` only with the option `dpop`. */
export type Scheme = 'Bearer' | 'DPoP';

/** What a request presents to authenticate itself. */
export type Credential =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'token';
      readonly source: 'header' | 'cookie';
      readonly scheme: Scheme;
      readonly token: string;
    }
  /** A malformed header, or two cookies of one name: no token of it is tried. */
  | { readonly kind: 'bad'; readonly source: 'header' | 'cookie' };

/** In characters: longer than any token of Pawl, short enough to be cheap to examine. */
const maxTokenLength = 8_192;

/** RFC 6750 § 2.1, RFC 9449 § 7.1; the scheme ignores case (RFC 9110 § 11.1). */
const bearerForm = /^(bearer) +([\w\-.~+/]+=*)$/i;
const bearerOrDpopForm = /^(bearer|dpop) +([\w\-.~+/]+=*)$/i;

/**
 * Reads the credential: the `Authorization` header or, only if that header is missing, the
 * cookie. A bad header never falls back to the cookie.
 */
export const readCredential = (settings: AnyHttpSettings, request: HttpRequest): Credential => {
  const header = readHeader(settings, request);
  if (header.kind !== 'none' || !settings.cookies) return header;
  const cookie = readCookie(settings, request, settings.cookies.policy.access);
  if (cookie === undefined) return { kind: 'none' };
  return cookie === null || cookie.length > maxTokenLength
    ? { kind: 'bad', source: 'cookie' }
    : { kind: 'token', source: 'cookie', scheme: 'Bearer', token: cookie };
};

/** Reads the credential of the `Authorization` header. */
export const readHeader = ({ dpop }: AnyHttpSettings, request: HttpRequest): Credential => {
  const header = singleHeader(request, 'authorization');
  if (header === undefined) return { kind: 'none' };
  const form = dpop ? bearerOrDpopForm : bearerForm;
  const [, scheme, token] = (header.length > maxTokenLength ? null : form.exec(header)) ?? [];
  if (scheme === undefined || token === undefined) return { kind: 'bad', source: 'header' };
  // `bearer` has six letters, `dpop` has four.
  return {
    kind: 'token',
    source: 'header',
    scheme: scheme.length === 6 ? 'Bearer' : 'DPoP',
    token,
  };
};

/**
 * Reads a cookie.
 *
 * @returns undefined if it is missing; null, and an event `cookie.duplicated`, if there are several
 */
export const readCookie = (
  settings: AnyHttpSettings,
  request: HttpRequest,
  { name }: CookieAttributes,
): string | undefined | null => {
  const lines = request.header('cookie');
  if (lines === undefined) return undefined;
  // HTTP/2 may send the pairs in several lines (RFC 9113 § 8.2.3).
  const values = cookieValues(typeof lines === 'string' ? lines : lines.join('; '), name);
  if (values.length < 2) return values[0];
  settings.emit({ type: 'cookie.duplicated', cookie: name });
  return null;
};

/** Returns whether the origin of a request that relies on a cookie has to be checked. */
export const mustCheckOrigin = ({ cookies }: AnyHttpSettings, request: HttpRequest): boolean =>
  cookies?.everyMethod === true || !isSafeMethod(request.method) || isWebSocketUpgrade(request);

/** Another site can open one with a GET that carries cookies, and then read and write. */
const isWebSocketUpgrade = (request: HttpRequest): boolean =>
  headerLines(request, 'upgrade').some((line) => /websocket/i.test(line));

/**
 * Refuses a request from an origin that may not use cookies, and reports an event `csrf.refused`.
 *
 * @throws HttpError `ERR_CSRF`
 */
export const assertOrigin = (settings: AnyHttpSettings, request: HttpRequest): void => {
  const reason = settings.cookies?.csrf(request);
  if (!reason) return;
  settings.emit({ type: 'csrf.refused', reason, method: request.method });
  throw new HttpError('ERR_CSRF', 'the request came from another site');
};
