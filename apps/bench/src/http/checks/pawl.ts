import {
  type AccessTokenFormat,
  createSessions,
  generateSecret,
  opaqueAccessTokens,
  type SessionsOptions,
} from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import type { HttpOptions } from '@pawl/http';
import { createMemoryStore } from '@pawl/memory';
import { createRedisStore } from '@pawl/redis';
import { Redis } from 'ioredis';
import { bearer, type Credentials, users } from '../users.ts';

interface Claims {
  role: string;
}

/** What every binding takes, and the tokens that it lets through. */
export interface PawlCheck {
  readonly options: HttpOptions<Claims, object>;
  readonly credentials: Credentials;
  readonly refreshTokens: readonly string[];
}

const opaque: AccessTokenFormat = opaqueAccessTokens();
const jwt: AccessTokenFormat = jwtAccessTokens({
  issuer: 'https://auth.example.test',
  audience: 'https://api.test',
});

const minute = 60_000;

/** How Pawl is measured: a format of access tokens, and how sure and how fresh the check is. */
export type PawlCheckName =
  | 'JWT, signature only'
  | 'JWT, cached session'
  | 'opaque, cached session'
  | 'JWT, session'
  | 'opaque, session';

const checks: Readonly<Record<PawlCheckName, Partial<SessionsOptions<Claims, object>>>> = {
  'JWT, signature only': { accessToken: jwt, revocationCheck: 'none' },
  'JWT, cached session': { accessToken: jwt, maxStaleness: minute },
  'opaque, cached session': { accessToken: opaque, maxStaleness: minute },
  'JWT, session': { accessToken: jwt },
  'opaque, session': { accessToken: opaque },
};

/** Sessions over Redis, or in memory where the setting has none, with a browser's user agent in each. */
export const createPawlCheck = async (
  name: PawlCheckName,
  redisPort: number,
): Promise<PawlCheck> => {
  const store = redisPort ? createRedisStore(new Redis({ port: redisPort })) : createMemoryStore();
  const sessions = createSessions<Claims, object>({
    store,
    secrets: [generateSecret()],
    // All of a measurement long.
    accessTokenLifetime: 60 * minute,
    // So that every refresh rotates.
    settlePeriod: 0,
    ...checks[name],
  });
  const tokens: string[] = [];
  const refreshTokens: string[] = [];
  for (const userId of users) {
    const { accessToken, refreshToken } = await sessions.create({
      userId,
      claims: { role: 'editor' },
      device: { ip: '192.0.2.7', userAgent },
    });
    tokens.push(accessToken);
    refreshTokens.push(refreshToken);
  }
  return {
    options: { sessions, origin: 'http://localhost:3000' },
    credentials: bearer(tokens),
    refreshTokens,
  };
};

const userAgent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';
