import { ConfigurationError } from '@pawl/core';
import { unknownOption } from '@pawl/core/internal';
import { type CookieAttributes, isCookieName } from './serialize.ts';

/** Options of every mode of cookies. */
interface SharedCookieOptions {
  /**
   * `SameSite` of the cookie that guards read. The refresh cookie of a pair is always `Strict`.
   * Default `Lax`.
   */
  readonly sameSite?: 'Lax' | 'Strict' | 'None' | undefined;
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

/** One session cookie, which guards rotate. The default. */
export interface SessionCookieOptions extends SharedCookieOptions {
  readonly mode?: 'session' | undefined;
  /** Name of the cookie, without a prefix: it is added automatically. Default `session`. */
  readonly name?: string | undefined;
}

/**
 * A cookie with the access token and one with the refresh token: for services that verify JWTs
 * from a cookie without a store. Pages have to call the refresh route themselves.
 */
export interface CookiePairOptions extends SharedCookieOptions {
  readonly mode: 'pair';
  /**
   * Name of the access cookie, without a prefix: it is added automatically. Default `access_token`.
   */
  readonly accessName?: string | undefined;
  /**
   * Name of the refresh cookie, without a prefix; `false` for no refresh cookie, which requires
   * `accessTokenLifetime: Infinity`. Default `refresh_token`.
   */
  readonly refreshName?: string | false | undefined;
}

/** One cookie with an access token, for a service without sessions (option `accessTokens`). */
export interface TokenCookieOptions extends SharedCookieOptions {
  readonly mode?: 'token' | undefined;
  /**
   * Name of the cookie, without a prefix: it is added automatically. Default `access_token`.
   */
  readonly name?: string | undefined;
}

/** Names and attributes of the cookies. */
export type CookieOptions = SessionCookieOptions | CookiePairOptions | TokenCookieOptions;

/** How tokens go by cookie. */
export type CookieMode = 'session' | 'pair' | 'token';

/** The cookies of a session, or the one cookie of an access token without a session. */
export interface CookiePolicy {
  readonly mode: CookieMode;
  /**
   * The cookie that guards read: the session token, or the access token. It lives as long as the
   * session, not as long as its token: a logout, or a login that replaces the session, needs it to
   * find the session after the token has expired.
   */
  readonly credential: CookieAttributes;
  /** The second cookie of a pair, or null. */
  readonly refresh: CookieAttributes | null;
}

/** What the configured sessions allow, or null without sessions. */
export interface CookieContext {
  /** Whether access tokens live as long as their session. */
  readonly endless: boolean;
  /** In ms: 0 if a replaced token is refused at once. */
  readonly gracePeriod: number;
}

const optionNames: Readonly<Record<CookieMode, readonly string[]>> = {
  session: ['name'],
  pair: ['accessName', 'refreshName'],
  token: ['name'],
};
const sharedNames = ['mode', 'sameSite', 'httpPrefix', 'secure'] as const;

/**
 * Decides names and attributes of the cookies.
 *
 * @param sessions what the configured sessions allow; null without sessions
 * @throws ConfigurationError, naming the option
 */
export const createCookiePolicy = (
  options: CookieOptions,
  origin: URL,
  sessions: CookieContext | null,
): CookiePolicy => {
  if (typeof options !== 'object')
    throw new ConfigurationError('cookies', 'must be an object or false');
  const mode = validateMode(options, sessions);
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
  // An origin without https is localhost, or development with `dangerouslyAllowPlainHttp`.
  const secure = wanted === true || origin.protocol === 'https:';
  if (sameSite === 'None' && !secure) {
    throw new ConfigurationError('cookies.sameSite', 'None requires cookies.secure');
  }
  const prefix = httpPrefix ? '__Host-Http-' : '__Host-';
  const attributes = (name: string, site: CookieAttributes['sameSite']): CookieAttributes => ({
    name: secure ? `${prefix}${name}` : name,
    path: '/',
    sameSite: site,
    secure,
  });
  if (options.mode !== 'pair') {
    const name = options.name ?? (mode === 'session' ? 'session' : 'access_token');
    validateName('cookies.name', name);
    return { mode, credential: attributes(name, sameSite), refresh: null };
  }
  const { accessName = 'access_token', refreshName = 'refresh_token' } = options;
  validateName('cookies.accessName', accessName);
  const credential = attributes(accessName, sameSite);
  if (refreshName === false) {
    if (sessions?.endless) return { mode, credential, refresh: null };
    throw new ConfigurationError(
      'cookies.refreshName',
      'false requires accessTokenLifetime: Infinity: otherwise users are logged out when it is over',
    );
  }
  validateName('cookies.refreshName', refreshName);
  if (accessName.toLowerCase() === refreshName.toLowerCase()) {
    throw new ConfigurationError('cookies.refreshName', 'must differ from cookies.accessName');
  }
  return { mode, credential, refresh: attributes(refreshName, 'Strict') };
};

const validateMode = (options: CookieOptions, sessions: CookieContext | null): CookieMode => {
  const mode = options.mode ?? (sessions ? 'session' : 'token');
  if (!['session', 'pair', 'token'].includes(mode)) {
    throw new ConfigurationError('cookies.mode', 'must be session, pair or token');
  }
  if (mode === 'token' ? sessions : !sessions) {
    const needed = mode === 'token' ? 'accessTokens' : 'sessions';
    throw new ConfigurationError('cookies.mode', `${mode} requires the option ${needed}`);
  }
  if (mode === 'session' && sessions?.gracePeriod === 0) {
    throw new ConfigurationError(
      'cookies.mode',
      'session, the default, requires a gracePeriod: a browser sends the replaced cookie in parallel requests; pair does not',
    );
  }
  const known: readonly string[] = [...sharedNames, ...optionNames[mode]];
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      const place = Object.entries(optionNames).find(([, names]) => names.includes(name))?.[0];
      if (!place) throw unknownOption(name, known, 'cookies.');
      throw new ConfigurationError(`cookies.${name}`, `requires cookies.mode: ${place}`);
    }
  }
  return mode;
};

const validateName = (option: string, name: string): void => {
  if (typeof name !== 'string' || !isCookieName(name) || name.length > 64) {
    throw new ConfigurationError(option, 'must be 1 to 64 characters of a cookie name');
  }
  // Browsers ignore the case of prefixes (RFC 6265bis § 4.1.3).
  if (/^__(host|secure|http)-/i.test(name)) {
    throw new ConfigurationError(option, 'must not have a prefix: it is added automatically');
  }
};
