import { Redis } from 'ioredis';
import type { Credentials } from '../users.ts';
import { createTable } from './table.ts';

/** An asynchronous check. */
export interface Check {
  readonly credentials: Credentials;
  readonly userOf: (authorization: string | null | undefined) => Promise<string | undefined>;
}

/** The minimal strict check: the `Map`, and one `GET` that shows whether the session is live. */
export const createTableAndGet = async (redisPort: number): Promise<Check> => {
  const { credentials, userOf } = createTable();
  const redis = new Redis({ port: redisPort });
  for (const { authorization } of credentials) {
    await redis.set(`session:${userOf(authorization)}`, JSON.stringify({ live: true }));
  }
  return {
    credentials,
    userOf: async (authorization) => {
      const user = userOf(authorization);
      const session = user && (await redis.get(`session:${user}`));
      return session && (JSON.parse(session) as { live: boolean }).live ? user : undefined;
    },
  };
};
