import { createSessions, type SessionsOptions } from '@pawl/core';
import { describe, expect, it } from 'vitest';
import { errorOf, hour, jwt } from '../deployment.ts';
import { createMemoryStore } from '../memory-store.ts';
import { rootSecret } from '../roots.ts';

const good = { store: createMemoryStore(), secrets: [rootSecret('one')] };
const make = (options: unknown) => (): unknown =>
  createSessions({ ...good, ...(options as object) } as SessionsOptions<object, object>);

describe('a contradictory or missing configuration', () => {
  it.each<[string, object]>([
    ['store', { store: undefined }],
    ['store', { store: {} }],
    ['store', { store: null }],
    ['secrets', { secrets: undefined }],
    ['secrets', { secrets: [] }],
    ['secrets', { secrets: rootSecret('one') }],
    ['secrets', { secrets: ['short'] }],
    ['preset', { preset: 'lax' }],
    ['gracePeriod', { gracePeriod: hour }],
    ['idleTimeout', { absoluteTimeout: hour, idleTimeout: hour + 1 }],
    ['settlePeriod', { settlePeriod: 2_000, rotateAfter: 2_000 }],
    ['limit.max', { limit: { max: 0, policy: 'refuse' } }],
    ['limit.max', { limit: { max: 1.5, policy: 'refuse' } }],
    ['limit.max', { limit: { policy: 'refuse' } }],
    ['limit.policy', { limit: { max: 1 } }],
    ['limit.policy', { limit: { max: 1, policy: 'evict' } }],
    ['revocationCheck', { revocationCheck: 'never' }],
    ['revocationCheck', { revocationCheck: 'none' }],
    ['revocationCheck', { revocationCheck: 'blocklist', blocklist: good.store }],
    ['blocklist', { revocationCheck: 'blocklist', ...jwt() }],
    ['blocklist', { ...jwt(), blocklist: good.store.blocklist }],
    ['blocklist', { ...jwt(), blocklist: null }],
    ['accessTokenLifetime', { accessTokenLifetime: Infinity, ...jwt() }],
    ['accessTokenLifetime', { accessTokenLifetime: Infinity, blocklist: good.store }],
    ['touchInterval', { touchInterval: -1 }],
    ['touchInterval', { touchInterval: Number.NaN }],
    ['touchInterval', { touchInterval: hour, preset: 'aal2' }],
    ['maxStaleness', { maxStaleness: -1 }],
    ['maxStaleness', { maxStaleness: Number.NaN }],
    ['refreshTokenPrefix', { refreshTokenPrefix: 'a b' }],
    ['issuer', jwt({ issuer: '' })],
    ['audience', jwt({ audience: [] })],
  ])('A16: throws an error that names %s: %j', async (option, options) => {
    expect(await errorOf(make(options))).toMatchObject({
      code: 'ERR_CONFIGURATION',
      option,
      message: expect.stringContaining(option) as string,
    });
  });

  it('RT-01: every preset rotates', () => {
    for (const preset of ['default', 'strict', 'aal2', 'aal3']) {
      expect(make({ preset })).not.toThrow();
    }
  });

  it('throws an error without any secret in it', async () => {
    const secret = rootSecret('hunter2').slice(0, 31);
    for (const secrets of [[secret], [rootSecret('a'), rootSecret('a')], rootSecret('a')]) {
      const { message, stack } = await errorOf(make({ secrets }));
      for (const one of [secret, rootSecret('a')]) expect(`${message}${stack}`).not.toContain(one);
    }
  });
});
