import { ConfigurationError } from '@pawl/core';
import { type CookieAttributes, isCookieName, isCookiePath } from './serialize.ts';

/** How the two cookies are called and where they are sent. */
export interface CookieOptions {
  /** Without a prefix, which the attributes decide on. Default `access_token`. */
  readonly accessName?: string | undefined;
  /** Without a prefix; `false`: there is no refresh cookie. Default `refresh_token`. */
  readonly refreshName?: string | false | undefined;
  /** Of the access cookie; the refresh cookie is always Strict. Default `Lax`. */
  readonly sameSite?: 'Lax' | 'Strict' | 'None' | undefined;
  /**
   * The only path that the refresh cookie is sent to, as browsers see it. It must
   * cover the refresh route. Default: the auth routes, `pathPrefix` + `authPath`.
   */
  readonly refreshPath?: string | undefined;
  /**
   * Whether a `__Host-` cookie is called `__Host-Http-`: browsers that know the prefix then take
   * it from no script, and to others it is a `__Host-` cookie still. Changing it logs everybody
   * out. Default no.
   */
  readonly httpPrefix?: boolean | undefined;
  /**
   * `auto`: `Secure` and prefixed names, but for an `origin` of `http://localhost`.
   * `true`: there too. Default `auto`.
   */
  readonly secure?: 'auto' | true | undefined;
}

/** The cookies of a session, or the one of an access token alone. */
export interface CookiePolicy {
  /**
   * Lives as long as the session, not as its token: a logout, and a login that
   * replaces the session, still know the session when the token has expired.
   */
  readonly access: CookieAttributes;
  /** Null where nothing is refreshed by cookie. */
  readonly refresh: CookieAttributes | null;
}

/** Where refreshing is done, as browsers see it. */
interface RefreshPlace {
  /** What the cookie is sent to, unless an option says otherwise. */
  readonly path: string;
  readonly route: string;
}

/** @throws ConfigurationError, naming the option. */
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
  // Without https there is only localhost: the configuration of `origin` has seen to that.
  const secure = wanted === true || origin.protocol === 'https:';
  if (sameSite === 'None' && !secure) {
    throw new ConfigurationError('cookies.sameSite', 'None needs cookies.secure');
  }
  const hostPrefix = httpPrefix ? '__Host-Http-' : '__Host-';
  const prefixed = (name: string, path: string): string =>
    secure ? `${path === '/' ? hostPrefix : '__Secure-'}${name}` : name;
  const accessName = validateName('cookies.accessName', options.accessName ?? 'access_token');
  const access: CookieAttributes = { name: prefixed(accessName, '/'), path: '/', sameSite, secure };
  if (!refreshing && options.refreshName !== undefined) {
    throw new ConfigurationError('cookies.refreshName', 'means nothing without sessions');
  }
  if (!refreshing || options.refreshName === false) {
    if (options.refreshPath === undefined) return { access, refresh: null };
    throw new ConfigurationError('cookies.refreshPath', 'means nothing without a refresh cookie');
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
  // Browsers compare prefixes without case (RFC 6265bis § 4.1.3).
  if (/^__(host|secure|http)-/i.test(name)) {
    throw new ConfigurationError(option, 'is prefixed by itself: leave the prefix out');
  }
  return name;
};

const validateRefreshPath = (path: string, refreshRoute: string): string => {
  if (typeof path !== 'string' || !isCookiePath(path) || path.length > 256) {
    throw new ConfigurationError('cookies.refreshPath', 'must be a path that begins with /');
  }
  // RFC 6265bis § 5.1.4, path-match: else no browser would ever send the cookie back.
  const prefix = path.endsWith('/') ? path : `${path}/`;
  if (path !== refreshRoute && !refreshRoute.startsWith(prefix)) {
    throw new ConfigurationError('cookies.refreshPath', `must cover ${refreshRoute}`);
  }
  return path;
};
