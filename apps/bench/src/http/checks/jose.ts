import { Redis } from 'ioredis';
import { jwtVerify } from 'jose';
import { createIssuer, distinctClaims, joseSign } from '../../micro/issuer.ts';
import { bearer, tokenOf, users } from '../users.ts';
import type { Check } from './table-and-get.ts';

/** `jwtVerify` with HS256 and all checks that a service should make. */
export const createJose = async (): Promise<Check> => {
  const issuer = await createIssuer('HS256');
  const tokens: string[] = [];
  for (const sub of users) tokens.push(await joseSign(issuer, { ...distinctClaims(), sub }));
  return {
    credentials: bearer(tokens),
    userOf: async (authorization) => {
      try {
        const token = tokenOf(authorization);
        const { payload } = await jwtVerify(token, issuer.joseKeys.verify, issuer.joseOptions);
        return payload.sub;
      } catch {
        return undefined;
      }
    },
  };
};

/** The same, and one `GET` that shows whether the session is revoked. */
export const createJoseAndGet = async (redisPort: number): Promise<Check> => {
  const { credentials, userOf } = await createJose();
  const redis = new Redis({ port: redisPort });
  return {
    credentials,
    userOf: async (authorization) => {
      const user = await userOf(authorization);
      if (user === undefined) return undefined;
      return (await redis.get(`revoked:${user}`)) === null ? user : undefined;
    },
  };
};
