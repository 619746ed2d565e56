import type { HeadersCheck } from '../checks/better-auth.ts';
import type { PawlCheck } from '../checks/pawl.ts';
import type { Table } from '../checks/table.ts';
import type { Check } from '../checks/table-and-get.ts';
import type { Credentials } from '../users.ts';

/** A server that is up. */
export interface Served {
  readonly port: number;
  /** What its guard lets through. */
  readonly credentials: Credentials;
  /** Where its session routes are mounted: what `POST /auth/refresh` exchanges. */
  readonly refreshTokens?: readonly string[];
}

/** What `GET /` answers: the user whom the guard found. */
export interface Answer {
  readonly user: string | null;
}

/** Whom the empty handler answers, in as many characters as any other. */
export const nobody = 'nobody-';

/**
 * `GET /` in a framework, behind one guard or another, each as an application of this
 * framework would have it. All of them answer the same, and 401 without a credential.
 */
export interface Framework {
  /** The handler alone, for the same requests. */
  readonly empty: (credentials: Credentials) => Promise<Served>;
  /** A guard by hand that waits for nothing. */
  readonly table: (table: Table) => Promise<Served>;
  /** A guard by hand that awaits its check. */
  readonly check: (check: Check) => Promise<Served>;
  /** The same for a check that wants all headers. */
  readonly headersCheck: (check: HeadersCheck) => Promise<Served>;
  /** `POST /auth/refresh` without anything in it: what came is read, and as much is answered. */
  readonly emptyPost: () => Promise<Served>;
  /** The binding of Pawl. */
  readonly pawl: (check: PawlCheck) => Promise<Served>;
  /** The popular session middleware over Redis, if the framework has one. */
  readonly session?: (redisPort: number) => Promise<Served>;
  /** The popular middleware for JWTs, with its cache, if the framework has one. */
  readonly cachedJwt?: () => Promise<Served>;
}

/** Logs every user in at `GET /login/:user`, for middlewares that begin sessions by themselves. */
export const loggedIn = async (port: number, users: readonly string[]): Promise<Served> => {
  const credentials: { cookie: string }[] = [];
  for (const user of users) {
    const { headers } = await fetch(`http://127.0.0.1:${port}/login/${user}`);
    const [cookie = ''] = headers.getSetCookie();
    credentials.push({ cookie: cookie.split(';', 1)[0] as string });
  }
  return { port, credentials };
};
