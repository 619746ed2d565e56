import { ConfigurationError, type Preset, presets } from '@pawl/core';

export const frameworks = ['hono', 'express', 'fastify'] as const;
export type Framework = (typeof frameworks)[number];

/** What the demo is told by its environment. */
export interface Config {
  readonly production: boolean;
  readonly framework: Framework;
  /** Where sessions are kept: `memory`, or a URL. */
  readonly store: string;
  /** Where users are kept: a URL of a SQL database. */
  readonly users: string;
  readonly port: number;
  /** The demo's own origin, as browsers name it. */
  readonly origin: string;
  /** The one other origin that a front end may be served from. */
  readonly corsOrigin: string;
  /** Null in development: made once, and kept beside the database. */
  readonly secret: string | null;
  readonly accessToken: 'opaque' | 'jwt';
  /** The private JWK for `jwt`. Null in development: made once, and kept with the secret. */
  readonly signingKey: string | null;
  readonly preset: Preset;
  /** In ms. */
  readonly accessTokenLifetime: number | undefined;
  /** In ms. */
  readonly settlePeriod: number | undefined;
  /** Addresses and ranges of proxies in front, which are believed about their client. */
  readonly trustedProxies: readonly string[];
  /** Whether one client may ask only so often. */
  readonly rateLimits: boolean;
}

/** In seconds: a little more than the grace period, as the core wants it. */
const shortestLifetime = 12;

type Environment = Readonly<Record<string, string | undefined>>;

/** Of the demo's own making: fifteen minutes, as the service had that it succeeds. */
const accessTokenLifetime = 15 * 60_000;
/**
 * Of the preset's minute only this much: who plays with the page sees one rotation
 * after the other. A preset that was asked for by its name is left as it is.
 */
const watchableSettlePeriod = 2_000;

/**
 * Reads the settings that the README lists, with defaults for development. In
 * production nothing is made up.
 *
 * @throws ConfigurationError, naming the variable.
 */
export const readConfig = (environment: Environment): Config => {
  const given = (name: string): string | undefined => environment[name] || undefined;
  const production = given('NODE_ENV') === 'production';
  const needed = <T>(name: string, otherwise: T): string | T => {
    if (production && !given(name)) throw new ConfigurationError(name, 'must be set');
    return given(name) ?? otherwise;
  };
  const port = numberOf('PORT', given('PORT') ?? '8080', 0, 65_535);
  const store = given('STORE') ?? 'sqlite:./pawl-demo.db';
  const preset = given('PRESET');
  const proxies = given('TRUSTED_PROXIES');
  const seconds = given('ACCESS_TOKEN_LIFETIME');
  const accessToken = oneOf('ACCESS_TOKEN', given('ACCESS_TOKEN') ?? 'opaque', ['opaque', 'jwt']);
  return {
    production,
    framework: oneOf('FRAMEWORK', given('FRAMEWORK') ?? 'hono', frameworks),
    store,
    users: given('USERS') ?? usersBeside(store),
    port,
    origin: needed('ORIGIN', `http://localhost:${port}`),
    corsOrigin: given('CORS_ORIGIN') ?? 'http://localhost:3000',
    secret: needed('PAWL_SECRET', null),
    accessToken,
    signingKey: accessToken === 'jwt' ? needed('PAWL_SIGNING_KEY', null) : null,
    preset: oneOf('PRESET', preset ?? 'default', Object.keys(presets) as Preset[]),
    accessTokenLifetime: seconds
      ? numberOf('ACCESS_TOKEN_LIFETIME', seconds, shortestLifetime, 86_400) * 1_000
      : preset
        ? undefined
        : accessTokenLifetime,
    settlePeriod: preset || production ? undefined : watchableSettlePeriod,
    trustedProxies: proxies ? proxies.split(',').map((range) => range.trim()) : [],
    rateLimits: oneOf('RATE_LIMITS', given('RATE_LIMITS') ?? 'on', ['on', 'off']) === 'on',
  };
};

/** The options of Pawl's that are settings of the demo's, by their beginning. */
const variables = {
  origin: 'ORIGIN',
  allowedOrigins: 'CORS_ORIGIN',
  secrets: 'PAWL_SECRET',
  accessTokenLifetime: 'ACCESS_TOKEN_LIFETIME',
  trustedProxies: 'TRUSTED_PROXIES',
} as const;

/** What Pawl finds wrong with an option, said of the variable that the option came from. */
export const ofVariable = (error: unknown): unknown => {
  if (!(error instanceof ConfigurationError)) return error;
  const [option] = /^\w+/.exec(error.option) ?? [''];
  if (!Object.hasOwn(variables, option)) return error;
  const variable = variables[option as keyof typeof variables];
  return new ConfigurationError(variable, error.message.slice(`${error.option}: `.length));
};

/** A database keeps its users itself; for another store there is a file, or memory. */
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
