import type { HeadersCheck } from '../checks/better-auth.ts';
import type { PawlCheck } from '../checks/pawl.ts';
import type { Table } from '../checks/table.ts';
import type { Check } from '../checks/table-and-get.ts';
import type { Credentials } from '../users.ts';

/** A running server. */
export interface Served {
  readonly port: number;
  /** Credentials that its guard accepts. */
  readonly credentials: Credentials;
  /** Refresh tokens for `POST /auth/refresh`, if the session routes are mounted. */
  readonly refreshTokens?: readonly string[];
}

/** The response body of `GET /`: the user that the guard has found. */
export interface UserBody {
  readonly user: string | null;
}

/** The user in the response of the empty handler, as long as other user ids. */
export const nobody = 'nobody-';

/**
 * `GET /` in a framework behind several guards, each written as usual for the framework. All of them
 * send the same response, and 401 without credentials.
 */
export interface Framework {
  /** The handler alone, for the same requests. */
  readonly empty: (credentials: Credentials) => Promise<Served>;
  /** A synchronous guard, written by hand. */
  readonly table: (table: Table) => Promise<Served>;
  /** An asynchronous guard, written by hand. */
  readonly check: (check: Check) => Promise<Served>;
  /** The same for a check that needs all headers. */
  readonly headersCheck: (check: HeadersCheck) => Promise<Served>;
  /** `POST /auth/refresh` that only parses the body and returns it. */
  readonly emptyPost: () => Promise<Served>;
  /** Pawl's binding. */
  readonly pawl: (check: PawlCheck) => Promise<Served>;
  /** The popular session middleware over Redis, if the framework has one. */
  readonly session?: (redisPort: number) => Promise<Served>;
  /** The popular middleware for JWTs, with its cache, if the framework has one. */
  readonly cachedJwt?: () => Promise<Served>;
}

/** Logs every user in at `GET /login/:user`, for middlewares that create sessions themselves. */
export const logInUsers = async (port: number, users: readonly string[]): Promise<Served> => {
  const credentials: { cookie: string }[] = [];
  for (const user of users) {
    const { headers } = await fetch(`http://127.0.0.1:${port}/login/${user}`);
    const [cookie = ''] = headers.getSetCookie();
    credentials.push({ cookie: cookie.split(';', 1)[0] as string });
  }
  return { port, credentials };
};
