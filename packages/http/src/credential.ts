import { chooseToken } from './cookies/choose-token.ts';
import { otherPaths } from './cookies/other-paths.ts';
import { cookieValues } from './cookies/parse.ts';
import type { CookiePolicy } from './cookies/policy.ts';
import type { CookieAttributes } from './cookies/serialize.ts';
import { CsrfError } from './csrf/csrf-error.ts';
import { type HttpRequest, headerLines, isSafeMethod, singleHeader } from './request.ts';
import type { AnyHttpSettings } from './settings.ts';

/** How a token was presented. `DPoP` only with the option `dpop`. */
export type Scheme = 'Bearer' | 'DPoP';

/** What a request presents to authenticate itself. */
export type Credential =
  | { readonly kind: 'none' }
  | PresentedToken
  /** Several cookies of one name: see {@link chooseCredential}. */
  | { readonly kind: 'several'; readonly source: 'cookie'; readonly tokens: readonly string[] }
  /** A malformed header or cookie, or cookies of several sessions. */
  | {
      readonly kind: 'bad';
      readonly source: 'header' | 'cookie';
      /** The cookies that the response has to clear. */
      readonly stale: readonly CookieAttributes[];
    };

/** A token that a request presents. */
export interface PresentedToken {
  readonly kind: 'token';
  readonly source: 'header' | 'cookie';
  readonly scheme: Scheme;
  /** `session`: the token of a session cookie, which guards rotate. */
  readonly type: 'session' | 'access';
  readonly token: string;
  /** The cookies that the response has to clear. */
  readonly stale: readonly CookieAttributes[];
}

const nothing: readonly CookieAttributes[] = [];

/** In characters: longer than any token of Pawl, short enough to be cheap to examine. */
const maxTokenLength = 8_192;

/** RFC 6750 § 2.1, RFC 9449 § 7.1; the scheme ignores case (RFC 9110 § 11.1). */
const bearerForm = /^(bearer) +([\w\-.~+/]+=*)$/i;
/** A scheme (RFC 9110 § 11.1) that is not ours, nor is that of a second header after it. */
const otherScheme = /^(?!.*(?:^|,\s*)(?:bearer|dpop)(?:\s|,|$))[\w-]+ /i;
const bearerOrDpopForm = /^(bearer|dpop) +([\w\-.~+/]+=*)$/i;

/**
 * Reads the credential: the `Authorization` header or, only if that header is missing or has a
 * scheme of somebody else, the cookie. A bad Bearer or DPoP header never falls back to the cookie.
 */
export const readCredential = (settings: AnyHttpSettings, request: HttpRequest): Credential => {
  const header = readHeader(settings, request);
  const { cookies } = settings;
  if (header.kind !== 'none' || !cookies) return header;
  const { policy, firstEdition } = cookies;
  const values = readCookies(settings, request, policy.credential);
  if (values.length > 1) return { kind: 'several', source: 'cookie', tokens: values };
  if (values[0] !== undefined) {
    return cookieCredential(cookieType(policy), values[0], policy.credential);
  }
  if (policy.mode !== 'session' || !firstEdition) return { kind: 'none' };
  // The access cookie of an earlier version is good until its token expires.
  const [access] = readCookies(settings, request, firstEdition.access);
  return access === undefined
    ? { kind: 'none' }
    : cookieCredential('access', access, firstEdition.access);
};

const cookieType = ({ mode }: CookiePolicy): PresentedToken['type'] =>
  mode === 'session' ? 'session' : 'access';

const cookieCredential = (
  type: PresentedToken['type'],
  token: string,
  attributes: CookieAttributes,
): Credential =>
  token.length > maxTokenLength
    ? { kind: 'bad', source: 'cookie', stale: [attributes] }
    : { kind: 'token', source: 'cookie', scheme: 'Bearer', type, token, stale: nothing };

/**
 * Chooses between several cookies of one name, by {@link chooseToken}, and reports an event
 * `cookie.duplicated`.
 */
export const chooseCredential = async (
  settings: AnyHttpSettings,
  { tokens }: Extract<Credential, { kind: 'several' }>,
): Promise<Exclude<Credential, { kind: 'several' }>> => {
  const { cookies } = settings;
  if (!cookies) return { kind: 'none' };
  const { policy } = cookies;
  const type = cookieType(policy);
  // Access tokens are not compared: several are refused.
  const token = type === 'session' ? await chooseToken(settings, tokens) : null;
  const others = type === 'session' ? otherPaths(cookies) : nothing;
  // What may be in the way is cleared, so that the browser is not locked out.
  if (token === null) {
    const stale = type === 'access' || others.length > 0 ? others : [policy.credential];
    return { kind: 'bad', source: 'cookie', stale };
  }
  return { kind: 'token', source: 'cookie', scheme: 'Bearer', type, token, stale: others };
};

/** Reads the credential of the `Authorization` header. */
export const readHeader = ({ dpop }: AnyHttpSettings, request: HttpRequest): Credential => {
  const header = singleHeader(request, 'authorization');
  // Another scheme is not ours: a site behind HTTP Basic has sessions too.
  if (header === undefined || otherScheme.test(header)) return { kind: 'none' };
  const form = dpop ? bearerOrDpopForm : bearerForm;
  const [, scheme, token] = (header.length > maxTokenLength ? null : form.exec(header)) ?? [];
  if (scheme === undefined || token === undefined)
    return { kind: 'bad', source: 'header', stale: nothing };
  // `bearer` has six letters, `dpop` has four.
  return {
    kind: 'token',
    source: 'header',
    scheme: scheme.length === 6 ? 'Bearer' : 'DPoP',
    type: 'access',
    token,
    stale: nothing,
  };
};

/**
 * Reads a cookie that may be sent only once.
 *
 * @returns undefined if it is missing; null, and an event `cookie.duplicated`, if there are several
 */
export const readCookie = (
  settings: AnyHttpSettings,
  request: HttpRequest,
  attributes: CookieAttributes,
): string | undefined | null => {
  const values = readCookies(settings, request, attributes);
  return values.length > 1 ? null : values[0];
};

/**
 * Returns the values of all cookies of one name. Several are an event `cookie.duplicated`.
 */
export const readCookies = (
  settings: AnyHttpSettings,
  request: HttpRequest,
  { name }: CookieAttributes,
): readonly string[] => {
  const lines = request.header('cookie');
  if (lines === undefined) return [];
  // HTTP/2 may send the pairs in several lines (RFC 9113 § 8.2.3).
  const values = cookieValues(typeof lines === 'string' ? lines : lines.join('; '), name);
  if (values.length > 1) {
    settings.emit({ type: 'cookie.duplicated', cookie: name }, request.waitUntil);
  }
  return values;
};

/** Returns whether the origin of a request that relies on a cookie has to be checked. */
export const mustCheckOrigin = ({ cookies }: AnyHttpSettings, request: HttpRequest): boolean =>
  cookies?.everyMethod === true || !isSafeMethod(request.method) || isWebSocketUpgrade(request);

/** Another site can open one with a GET that carries cookies, and then read and write. */
export const isWebSocketUpgrade = (request: HttpRequest): boolean =>
  headerLines(request, 'upgrade').some((line) => /websocket/i.test(line));

/**
 * Refuses a request from an origin that may not use cookies, and reports an event `csrf.refused`.
 *
 * @throws HttpError `ERR_CSRF`
 */
export const assertOrigin = (settings: AnyHttpSettings, request: HttpRequest): void => {
  const reason = settings.cookies?.csrf(request);
  if (!reason) return;
  settings.emit({ type: 'csrf.refused', reason, method: request.method }, request.waitUntil);
  throw new CsrfError(reason);
};
