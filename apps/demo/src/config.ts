import { ConfigurationError, type Preset, presets } from '@pawl/core';

export const frameworks = ['hono', 'express', 'fastify'] as const;
export type Framework = (typeof frameworks)[number];

/** `pair`: an access and a refresh cookie. `session`: one cookie, which every request can rotate. */
export const cookieModes = ['pair', 'session'] as const;
export type CookieMode = (typeof cookieModes)[number];

/** The settings of the demo, from the environment. */
export interface Config {
  readonly production: boolean;
  readonly framework: Framework;
  /** Where sessions are stored: `memory`, or a URL. */
  readonly store: string;
  /** Where users are stored: the URL of a SQL database. */
  readonly users: string;
  readonly port: number;
  /** The demo's own origin, as browsers see it. */
  readonly origin: string;
  /** The one other origin that a front end may be served from; null for none. */
  readonly corsOrigin: string | null;
  /** Null in development: then one is created and kept beside the database. */
  readonly secret: string | null;
  readonly cookies: CookieMode;
  /** In ms: the age at which a session cookie is rotated. Undefined: as the preset has it. */
  readonly rotateAfter: number | undefined;
  readonly accessToken: 'opaque' | 'jwt';
  /** The private JWK for `jwt`. Null in development: then one is created and kept with the secret. */
  readonly signingKey: string | null;
  readonly preset: Preset;
  /** In ms. Undefined: as the preset has it. */
  readonly accessTokenLifetime: number | undefined;
  /** In ms: how long refresh tokens work after a login. Undefined: as the preset has it. */
  readonly refreshTokenLifetime: number | undefined;
  /** In ms: how long a session may be unused. Undefined: as the preset has it. */
  readonly idleTimeout: number | undefined;
  /** In ms. */
  readonly settlePeriod: number | undefined;
  /** Addresses and ranges of proxies whose `X-Forwarded-For` is trusted. */
  readonly trustedProxies: readonly string[];
  /** Whether requests are limited per client. */
  readonly rateLimits: boolean;
}

/** In seconds: a little more than the grace period, as the core requires. */
const shortestLifetime = 12;
/** In seconds. */
const shortestSession = 60;
const longestSession = 400 * 86_400;

type Environment = Readonly<Record<string, string | undefined>>;

/** The demo's own default: fifteen minutes. */
const accessTokenLifetime = 15 * 60_000;
/** The demo's own default: seven days. */
const refreshTokenLifetime = 7 * 86_400_000;
/**
 * Shorter than the preset's minute, so that the page shows one rotation after the other. A preset
 * that was chosen by name is not changed.
 */
const watchableSettlePeriod = 2_000;
/** The same for the session cookie, which the preset rotates after ten minutes. */
const watchableRotateAfter = 10_000;
/** In seconds: leaves time for the grace period, which is a part of it. */
const shortestRotateAfter = 5;

/**
 * Reads the settings that the README lists, with defaults for development. In production, keys
 * and origins have no default.
 *
 * @throws ConfigurationError, which names the variable
 */
export const readConfig = (environment: Environment): Config => {
  const read = (name: string): string | undefined => environment[name] || undefined;
  const production = read('NODE_ENV') === 'production';
  const required = <T>(name: string, fallback: T): string | T => {
    if (production && !read(name)) {
      throw new ConfigurationError(name, 'must be set in production');
    }
    return read(name) ?? fallback;
  };
  const duration = (name: string, min: number, max: number): number | undefined => {
    const text = read(name);
    return text === undefined ? undefined : numberOf(name, text, min, max) * 1_000;
  };
  const port = numberOf('PORT', read('PORT') ?? '8080', 0, 65_535);
  const store = read('STORE') ?? 'sqlite:./pawl-demo.db';
  const preset = read('PRESET');
  const proxies = read('TRUSTED_PROXIES');
  const cookies = oneOf('COOKIES', read('COOKIES') ?? 'pair', cookieModes);
  const rotateAfter = read('ROTATE_AFTER');
  if (rotateAfter && cookies !== 'session') {
    throw new ConfigurationError('ROTATE_AFTER', 'requires COOKIES=session');
  }
  const isWatched = !preset && !production;
  const accessToken = oneOf('ACCESS_TOKEN', read('ACCESS_TOKEN') ?? 'opaque', ['opaque', 'jwt']);
  return {
    production,
    framework: oneOf('FRAMEWORK', read('FRAMEWORK') ?? 'hono', frameworks),
    store,
    users: read('USERS') ?? usersBeside(store),
    port,
    origin: required('ORIGIN', `http://localhost:${port}`),
    corsOrigin: originOrNone(required('CORS_ORIGIN', 'http://localhost:3000')),
    secret: required('PAWL_SECRET', null),
    cookies,
    rotateAfter: rotateAfter
      ? numberOf('ROTATE_AFTER', rotateAfter, shortestRotateAfter, 86_400) * 1_000
      : cookies === 'session' && isWatched
        ? watchableRotateAfter
        : undefined,
    accessToken,
    signingKey: accessToken === 'jwt' ? required('PAWL_SIGNING_KEY', null) : null,
    preset: oneOf('PRESET', preset ?? 'default', Object.keys(presets) as Preset[]),
    ...lifetimes(duration, preset !== undefined),
    settlePeriod: isWatched ? watchableSettlePeriod : undefined,
    trustedProxies: proxies ? proxies.split(',').map((range) => range.trim()) : [],
    rateLimits: oneOf('RATE_LIMITS', read('RATE_LIMITS') ?? 'on', ['on', 'off']) === 'on',
  };
};

type Lifetimes = Pick<Config, 'accessTokenLifetime' | 'refreshTokenLifetime' | 'idleTimeout'>;

/** What is not set adapts itself to what is: a default never contradicts a setting. */
const lifetimes = (
  read: (name: string, min: number, max: number) => number | undefined,
  hasPreset: boolean,
): Lifetimes => {
  const access = read('ACCESS_TOKEN_LIFETIME', shortestLifetime, 86_400);
  const refresh =
    read('REFRESH_TOKEN_LIFETIME', shortestSession, longestSession) ??
    (hasPreset ? undefined : refreshTokenLifetime);
  const idle = read('IDLE_TIMEOUT', shortestSession, longestSession);
  if (idle !== undefined && refresh !== undefined && idle > refresh) {
    throw new ConfigurationError('IDLE_TIMEOUT', 'must not be longer than REFRESH_TOKEN_LIFETIME');
  }
  const session = idle ?? refresh ?? refreshTokenLifetime;
  return {
    accessTokenLifetime:
      access ?? (hasPreset ? undefined : Math.min(accessTokenLifetime, session / 2)),
    refreshTokenLifetime: refresh,
    idleTimeout: idle,
  };
};

/** Which variable each option of Pawl comes from, by the beginning of its name. */
const variables = {
  origin: 'ORIGIN',
  allowedOrigins: 'CORS_ORIGIN',
  secrets: 'PAWL_SECRET',
  accessTokenLifetime: 'ACCESS_TOKEN_LIFETIME',
  absoluteTimeout: 'REFRESH_TOKEN_LIFETIME',
  idleTimeout: 'IDLE_TIMEOUT',
  cookies: 'COOKIES',
  rotateAfter: 'ROTATE_AFTER',
  trustedProxies: 'TRUSTED_PROXIES',
} as const;

/** Converts an error about an option of Pawl to one about its variable. */
export const toVariableError = (error: unknown): unknown => {
  if (!(error instanceof ConfigurationError)) return error;
  const [option] = /^\w+/.exec(error.option) ?? [''];
  if (!Object.hasOwn(variables, option)) return error;
  const variable = variables[option as keyof typeof variables];
  const problem = error.message.slice(`${error.option}: `.length);
  // The problem may name another option.
  const times = /\b(?:accessTokenLifetime|absoluteTimeout|idleTimeout)\b/g;
  const named = problem.replace(times, (name) => variables[name as keyof typeof variables]);
  return new ConfigurationError(variable, named);
};

/** `none` is for a service without another front end, which production must say. */
const originOrNone = (text: string): string | null => (text === 'none' ? null : text);

/** A database also holds the users. Other stores use a file, or memory. */
const usersBeside = (store: string): string => {
  if (store === 'memory') return 'sqlite::memory:';
  return /^rediss?:/.test(store) ? 'sqlite:./pawl-demo.db' : store;
};

const numberOf = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new ConfigurationError(name, `must be a whole number from ${min} to ${max}`);
};

const oneOf = <T extends string>(name: string, value: string, known: readonly T[]): T => {
  const found = known.find((one) => one === value);
  if (found !== undefined) return found;
  throw new ConfigurationError(name, `must be one of ${known.join(', ')}`);
};
