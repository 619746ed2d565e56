import { ConfigurationError } from '@pawl/core';
import { type CookieAttributes, isCookieName, isCookiePath } from './serialize.ts';

/** Names and attributes of the two cookies. */
export interface CookieOptions {
  /**
   * Name of the access cookie, without a prefix: it is added automatically. Default `access_token`.
   */
  readonly accessName?: string | undefined;
  /**
   * Name of the refresh cookie, without a prefix; `false` for no refresh cookie. Default
   * `refresh_token`.
   */
  readonly refreshName?: string | false | undefined;
  /** `SameSite` of the access cookie; the refresh cookie is always `Strict`. Default `Lax`. */
  readonly sameSite?: 'Lax' | 'Strict' | 'None' | undefined;
  /**
   * Path of the refresh cookie as browsers see it. It must cover the refresh route. Default: the
   * session routes, `pathPrefix` + `authPath`.
   */
  readonly refreshPath?: string | undefined;
  /**
   * Whether the prefix `__Host-` becomes `__Host-Http-`: browsers that know it do not accept the
   * cookie from a script, and to others it still is a `__Host-` cookie. Changing it logs all users
   * out. Default false.
   */
  readonly httpPrefix?: boolean | undefined;
  /**
   * `auto`: `Secure` and prefixed names, except for an `origin` of `http://localhost`. `true`:
   * there too. Default `auto`.
   */
  readonly secure?: 'auto' | true | undefined;
}

/** The cookies of a session, or the one cookie of an access token without a session. */
export interface CookiePolicy {
  /**
   * It lives as long as the session, not as long as its token: a logout, or a login that replaces
   * the session, needs it to find the session after the token has expired.
   */
  readonly access: CookieAttributes;
  /** Null if nothing is refreshed by cookie. */
  readonly refresh: CookieAttributes | null;
}

/** The refresh route, as browsers see it. */
interface RefreshPlace {
  /** The default path of the cookie. */
  readonly path: string;
  readonly route: string;
}

/** Decides names and attributes of the cookies. @throws ConfigurationError, naming the option */
export const createCookiePolicy = (
  options: CookieOptions,
  origin: URL,
  refreshing: RefreshPlace | null,
): CookiePolicy => {
  const { secure: wanted = 'auto', sameSite = 'Lax', httpPrefix = false } = options;
  if (wanted !== 'auto' && wanted !== true) {
    throw new ConfigurationError('cookies.secure', 'must be auto or true');
  }
  if (typeof httpPrefix !== 'boolean') {
    throw new ConfigurationError('cookies.httpPrefix', 'must be true or false');
  }
  if (!['Lax', 'Strict', 'None'].includes(sameSite)) {
    throw new ConfigurationError('cookies.sameSite', 'must be Lax, Strict or None');
  }
  // An origin without https is always localhost: `validateOrigin` accepts no other.
  const secure = wanted === true || origin.protocol === 'https:';
  if (sameSite === 'None' && !secure) {
    throw new ConfigurationError('cookies.sameSite', 'None requires cookies.secure');
  }
  const hostPrefix = httpPrefix ? '__Host-Http-' : '__Host-';
  const prefixed = (name: string, path: string): string =>
    secure ? `${path === '/' ? hostPrefix : '__Secure-'}${name}` : name;
  const accessName = validateName('cookies.accessName', options.accessName ?? 'access_token');
  const access: CookieAttributes = { name: prefixed(accessName, '/'), path: '/', sameSite, secure };
  if (!refreshing && options.refreshName !== undefined) {
    throw new ConfigurationError('cookies.refreshName', 'requires sessions');
  }
  if (!refreshing || options.refreshName === false) {
    if (options.refreshPath === undefined) return { access, refresh: null };
    throw new ConfigurationError('cookies.refreshPath', 'requires a refresh cookie');
  }
  const path = validateRefreshPath(options.refreshPath ?? refreshing.path, refreshing.route);
  const refreshName = validateName('cookies.refreshName', options.refreshName ?? 'refresh_token');
  if (accessName.toLowerCase() === refreshName.toLowerCase()) {
    throw new ConfigurationError('cookies.refreshName', 'must differ from cookies.accessName');
  }
  const name = prefixed(refreshName, path);
  return { access, refresh: { name, path, sameSite: 'Strict', secure } };
};

const validateName = (option: string, name: string): string => {
  if (typeof name !== 'string' || !isCookieName(name) || name.length > 64) {
    throw new ConfigurationError(option, 'must be 1 to 64 characters of a cookie name');
  }
  // Browsers ignore the case of prefixes (RFC 6265bis § 4.1.3).
  if (/^__(host|secure|http)-/i.test(name)) {
    throw new ConfigurationError(option, 'must not have a prefix: it is added automatically');
  }
  return name;
};

const validateRefreshPath = (path: string, refreshRoute: string): string => {
  if (typeof path !== 'string' || !isCookiePath(path) || path.length > 256) {
    throw new ConfigurationError('cookies.refreshPath', 'must be a path that begins with /');
  }
  // RFC 6265bis § 5.1.4, path-match: otherwise no browser would send the cookie to the route.
  const prefix = path.endsWith('/') ? path : `${path}/`;
  if (path !== refreshRoute && !refreshRoute.startsWith(prefix)) {
    throw new ConfigurationError('cookies.refreshPath', `must cover ${refreshRoute}`);
  }
  return path;
};
