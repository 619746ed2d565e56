import { ConfigurationError } from '@pawl/core';

/** The settings of the demo, from the environment. All ports listen on loopback only. */
export interface Config {
  /** The port of the BFF, which also serves the page. */
  readonly port: number;
  readonly providerPort: number;
  readonly apiPort: number;
  /** In seconds: the lifetime of the provider's access tokens. */
  readonly accessTokenLifetime: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings that the README lists. @throws ConfigurationError, which names the variable */
export const readConfig = (environment: Environment): Config => {
  const numberOf = (name: string, fallback: number, min: number, max: number): number => {
    const value = Number(environment[name] || fallback);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new ConfigurationError(name, `must be a whole number from ${min} to ${max}`);
  };
  return {
    port: numberOf('PORT', 8090, 1, 65_535),
    providerPort: numberOf('PROVIDER_PORT', 8091, 1, 65_535),
    apiPort: numberOf('API_PORT', 8092, 1, 65_535),
    accessTokenLifetime: numberOf('ACCESS_TOKEN_LIFETIME', 10, 2, 3_600),
  };
};

/** The addresses of the parts. */
export interface Places {
  /**
   * The BFF has a host name and the provider an IP address, because cookies ignore ports and the
   * two must not share cookies.
   */
  readonly origin: string;
  readonly issuer: string;
  readonly api: string;
}

export const placesOf = ({ port, providerPort, apiPort }: Config): Places => ({
  origin: `http://localhost:${port}`,
  issuer: `http://127.0.0.1:${providerPort}`,
  api: `http://127.0.0.1:${apiPort}`,
});
