import { ConfigurationError } from '@pawl/core';
import { createSingleLogin, refreshAt, type SingleLogin } from '@pawl/file';

/** What is kept beside the tokens, for `whoami` to say without asking. */
export interface Kept {
  readonly name: string;
  readonly service: string;
}

/** The login of this program, and the service that it is for. */
export interface Session {
  readonly service: URL;
  readonly login: SingleLogin<Kept>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Which service, and where its login is kept: `PAWL_DEMO_URL`, default
 * `http://localhost:8080`, and `PAWL_DEMO_FOLDER`, default among the user's configuration.
 *
 * @throws ConfigurationError for what is no address, or one that is neither https nor on this machine
 */
export const openSession = (environment: Environment): Session => {
  const address = environment['PAWL_DEMO_URL'] || 'http://localhost:8080';
  const service = URL.parse(address);
  if (!service) throw new ConfigurationError('PAWL_DEMO_URL', 'must be an address');
  const folder = environment['PAWL_DEMO_FOLDER'];
  const location = folder ? { folder } : { app: 'pawl-demo' };
  const refresh = refreshAt(new URL('/refresh', service));
  return { service, login: createSingleLogin<Kept>({ ...location, refresh }) };
};
