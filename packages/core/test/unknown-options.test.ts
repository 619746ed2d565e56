import { createSessions, generateSecret, opaqueAccessTokens, startCleanup } from '@pawl/core';
import { createApiKeys } from '@pawl/core/api-keys';
import {
  createAccessTokens,
  createJwt,
  generateSigningKey,
  importSigningKey,
  jwtAccessTokens,
} from '@pawl/core/jwt';
import { createKeyRing } from '@pawl/core/keys';
import { createRateLimiter } from '@pawl/core/rate-limits';
import { createSingleUseTokens } from '@pawl/core/single-use';
import { expect, test } from 'vitest';
import { errorOf, secrets } from './deployment.ts';
import { createMemoryStore } from './memory-store.ts';
import { rootSecret } from './roots.ts';

const store = createMemoryStore();
const good = { store, secrets };
const names = { issuer: 'https://issuer.example', audience: 'api' };
const key = { kid: 'a', alg: 'HS256', secret: new Uint8Array(32).fill(7) } as const;

/** Every factory with good options, to which an unknown one is added. */
const factories: Readonly<Record<string, (extra: object) => unknown>> = {
  createSessions: (extra) => createSessions({ ...good, ...extra }),
  opaqueAccessTokens: (extra) => opaqueAccessTokens({ ...extra }),
  jwtAccessTokens: (extra) => jwtAccessTokens({ ...names, ...extra }),
  createAccessTokens: (extra) =>
    createAccessTokens({ secrets, format: jwtAccessTokens(names), ...extra }),
  createJwt: (extra) => createJwt({ ...names, keys: [key], ...extra }),
  createApiKeys: (extra) => createApiKeys({ ...good, ...extra }),
  createSingleUseTokens: (extra) =>
    createSingleUseTokens({ ...good, purpose: 'a', lifetime: 1_000, ...extra }),
  createRateLimiter: (extra) => createRateLimiter({ ...good, ...extra }),
  createKeyRing: (extra) => createKeyRing(secrets, { ...extra }),
  generateSecret: (extra) => generateSecret({ ...extra }),
  generateSigningKey: (extra) => generateSigningKey('HS256', { ...extra }),
  importSigningKey: (extra) =>
    importSigningKey({ kty: 'oct', k: 'A'.repeat(43), alg: 'HS256' }, { kid: 'a', ...extra }),
  createMemoryStore: (extra) => createMemoryStore({ ...extra }),
  startCleanup: async (extra) => {
    const cleanup = startCleanup(store, 1_000, { ...extra });
    await cleanup.stop();
  },
};

test.each(Object.entries(factories))('A16: %s names an unknown option', async (_, make) => {
  await make({});
  expect(await errorOf(async () => make({ unknownThing: 1 }))).toMatchObject({
    code: 'ERR_CONFIGURATION',
    option: 'unknownThing',
    message: 'unknownThing: is not an option',
  });
});

test.each<[string, () => unknown]>([
  ['limit.maximum', () => createSessions({ ...good, limit: { maximum: 1 } as never })],
  [
    'secrets[0].state',
    () => createKeyRing([{ secret: rootSecret('a'), state: 'compromised' } as never]),
  ],
  ['keys[0].state', () => createJwt({ ...names, keys: [{ ...key, state: 'retired' } as never] })],
  ['options', () => createSessions(undefined as never)],
  ['options', () => createApiKeys(null as never)],
])('A16: a nested one is named with its place: %s', async (option, make) => {
  expect(await errorOf(make)).toMatchObject({ code: 'ERR_CONFIGURATION', option });
});

test('a mistyped condition of a revocation ends nothing', async () => {
  const sessions = createSessions(good);
  const apiKeys = createApiKeys(good);
  const { sessionId, refreshToken } = await sessions.create({ userId: 'ann' });
  const { keyId } = await apiKeys.create({ userId: 'ann', name: 'deploy' });
  const mistyped = { userID: 'bob' } as never;
  const calls: readonly (() => Promise<unknown>)[] = [
    () => sessions.revoke(sessionId, mistyped),
    () => sessions.revokeByToken(refreshToken, { clientID: 'other' } as never),
    () => sessions.revokeAll('ann', { except: sessionId } as never),
    () => sessions.revokeOthers('ann', sessionId, { device: 'phone' } as never),
    () => sessions.list('ann', { max: 1 } as never),
    () => apiKeys.revoke(keyId, mistyped),
  ];
  for (const call of calls) {
    expect(await errorOf(call)).toMatchObject({ code: 'ERR_CONFIGURATION' });
  }
  expect(await sessions.list('ann')).toHaveLength(1);
  expect(await apiKeys.list('ann')).toHaveLength(1);
});
