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

/** The options of a binding, and tokens that it accepts. */
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

/** The variants of Pawl: the format of access tokens, and what a check consults. */
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

/** Creates sessions in Redis, or in memory if there is no port, each with a browser's user agent. */
export const createPawlCheck = async (
  name: PawlCheckName,
  redisPort: number,
): Promise<PawlCheck> => {
  const store = redisPort ? createRedisStore(new Redis({ port: redisPort })) : createMemoryStore();
  const sessions = createSessions<Claims, object>({
    store,
    secrets: [generateSecret()],
    // Longer than a measurement.
    accessTokenLifetime: 60 * minute,
    // No settling: every refresh rotates.
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
