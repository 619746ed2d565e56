import { randomBytes } from 'node:crypto';
import { bearer, type Credentials, tokenOf, users } from '../users.ts';

/** The minimal check: a `Map` in the process, written by hand. */
export interface Table {
  readonly credentials: Credentials;
  readonly userOf: (authorization: string | null | undefined) => string | undefined;
}

export const createTable = (): Table => {
  const tokens = users.map(() => randomBytes(78).toString('base64url'));
  const table = new Map(tokens.map((token, i) => [token, users[i] as string]));
  return {
    credentials: bearer(tokens),
    userOf: (authorization) => table.get(tokenOf(authorization)),
  };
};
