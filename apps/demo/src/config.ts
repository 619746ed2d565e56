import { ConfigurationError, generateSecret, type Preset } from '@pawl/core';

/** What the demo is told by its environment. */
export interface Config {
  readonly port: number;
  /** The demo's own origin, as browsers name it. */
  readonly origin: string;
  /** The one other origin that a front end may be served from. */
  readonly corsOrigin: string;
  readonly secret: string;
  readonly preset: Preset;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * PORT, ORIGIN, CORS_ORIGIN, PAWL_SECRET and PRESET, with defaults for
 * development. In production nothing is made up.
 *
 * @throws ConfigurationError, naming the variable.
 */
export const readConfig = (env: Environment): Config => {
  const needed = (name: string, otherwise: () => string): string => {
    const value = env[name];
    if (value !== undefined && value !== '') return value;
    if (env['NODE_ENV'] === 'production') throw new ConfigurationError(name, 'must be set');
    return otherwise();
  };
  const port = Number(env['PORT'] ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new ConfigurationError('PORT', 'must be a port');
  }
  return {
    port,
    origin: needed('ORIGIN', () => `http://localhost:${port}`),
    corsOrigin: env['CORS_ORIGIN'] ?? 'http://localhost:3000',
    secret: needed('PAWL_SECRET', generateSecret),
    // Checked by the core, which knows the presets.
    preset: (env['PRESET'] ?? 'default') as Preset,
  };
};
