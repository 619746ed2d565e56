import { createSessions, isPawlError } from '@pawl/core';
import { createApiKeys } from '@pawl/core/api-keys';
import {
  createAccessTokens,
  generateSigningKey,
  jwtAccessTokens,
  type SigningAlgorithm,
} from '@pawl/core/jwt';
import { createRateLimiter } from '@pawl/core/rate-limits';
import { createSingleUseTokens } from '@pawl/core/single-use';
import { createMemoryStore } from '../memory-store.ts';

const code = async (call: Promise<unknown>): Promise<unknown> => {
  try {
    return await call;
  } catch (error) {
    return isPawlError(error) ? error.code : error;
  }
};

/**
 * Does once what an application does, from login to logout, in the realm that it is loaded in.
 *
 * @param secrets one of them made in another realm
 */
export const wholeLife = async (secrets: readonly (string | Uint8Array)[]): Promise<unknown[]> => {
  const seen: unknown[] = [];
  const names = { issuer: 'https://issuer.example', audience: 'api' };
  const algorithms: readonly (SigningAlgorithm | 'derived' | undefined)[] = [
    undefined,
    'derived',
    'HS256',
    'ES256',
    'EdDSA',
  ];
  for (const alg of algorithms) {
    const store = createMemoryStore();
    const keys =
      alg === undefined || alg === 'derived' ? undefined : [await generateSigningKey(alg)];
    const sessions = createSessions({
      store,
      secrets,
      ...(alg !== undefined && { accessToken: jwtAccessTokens({ ...names, keys }) }),
      onEvent: async () => {
        throw new Error('a listener of this realm');
      },
    });
    const tokens = await sessions.create({ userId: 'ada' });
    const next = await sessions.refresh(tokens.refreshToken);
    for (let time = 0; time < 3; time++) {
      seen.push((await sessions.verify(next.accessToken)).userId);
    }
    await sessions.jwks();
    await sessions.revoke(next.sessionId, { reason: 'logout' });
    seen.push(await code(sessions.verify(next.accessToken)));
    seen.push(await code(sessions.verify(`${next.accessToken}A`)));
  }
  const store = createMemoryStore();
  const apiKeys = createApiKeys({ store, secrets });
  const { apiKey } = await apiKeys.create({ userId: 'ada', name: 'deploy' });
  seen.push((await apiKeys.verify(apiKey)).userId);
  const links = createSingleUseTokens({ store, secrets, purpose: 'link', lifetime: 60_000 });
  seen.push(await links.take(await links.issue({ to: 'ada' })));
  const limiter = createRateLimiter({ store, secrets });
  const limit = { capacity: 1, refillInterval: 60_000 };
  seen.push((await limiter.consume('login', 'ada', limit)).allowed);
  const accessTokens = createAccessTokens({ secrets, format: jwtAccessTokens(names) });
  const { accessToken } = await accessTokens.issue({ userId: 'ada' });
  seen.push((await accessTokens.verify(accessToken)).userId);
  return seen;
};
