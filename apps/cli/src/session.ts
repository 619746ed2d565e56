import { ConfigurationError } from '@pawl/core';
import { createSingleLogin, refreshAt, type SingleLogin } from '@pawl/file';

/** What is stored with the tokens: who is logged in, and where. */
export interface LoginData {
  readonly name: string;
  readonly service: string;
}

/** The login of this program, and its service. */
export interface Session {
  readonly service: URL;
  readonly login: SingleLogin<LoginData>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens the login. `PAWL_DEMO_URL` is the service, by default `http://localhost:8080`;
 * `PAWL_DEMO_FOLDER` is where the login is stored, by default the user's configuration folder.
 *
 * @throws ConfigurationError if the address is not a URL, or neither https nor on this machine
 */
export const openSession = (environment: Environment): Session => {
  const address = environment['PAWL_DEMO_URL'] || 'http://localhost:8080';
  const service = URL.parse(address);
  if (!service) throw new ConfigurationError('PAWL_DEMO_URL', 'must be a URL');
  const folder = environment['PAWL_DEMO_FOLDER'];
  const location = folder ? { folder } : { app: 'pawl-demo' };
  const refresh = refreshAt(new URL('/refresh', service));
  return { service, login: createSingleLogin<LoginData>({ ...location, refresh }) };
};
