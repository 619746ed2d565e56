import { ConfigurationError } from '@pawl/core';

/** What the demo is told by its environment. All of it listens on loopback only. */
export interface Config {
  /** Of the BFF, which serves the page too. */
  readonly port: number;
  readonly providerPort: number;
  readonly apiPort: number;
  /** In s: how long an access token of the provider is good. */
  readonly accessTokenLifetime: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the settings that the README lists. @throws ConfigurationError, naming the variable. */
export const readConfig = (environment: Environment): Config => {
  const numberOf = (name: string, otherwise: number, min: number, max: number): number => {
    const value = Number(environment[name] || otherwise);
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

/** Where everything is, as each of the others names it. */
export interface Places {
  /**
   * The browser calls the BFF by a name and the provider by an address: cookies know no
   * ports, and these two are to share none.
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
