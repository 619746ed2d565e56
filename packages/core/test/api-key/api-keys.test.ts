import { type ApiKeys, type ApiKeysOptions, createApiKeys } from '@pawl/core/api-keys';
import type { ApiKeyStore } from '@pawl/core/store';
import { describe, expect, it } from 'vitest';
import { codeOf, day, deploy, errorOf, hour, minute, secrets } from '../deployment.ts';
import { rootSecret } from '../roots.ts';
import { type Watched, watch } from '../watched.ts';

interface Keys {
  readonly keys: ApiKeys<Record<string, unknown>>;
  readonly store: Watched<ApiKeyStore>;
  readonly pass: (ms: number) => void;
  readonly now: () => number;
  readonly another: (options?: Partial<ApiKeysOptions>) => ApiKeys<Record<string, unknown>>;
}

const setUp = (): Keys => {
  const { store: memory, now, pass } = deploy();
  const store = watch(memory.apiKeys);
  const another = (options: Partial<ApiKeysOptions> = {}): ApiKeys<Record<string, unknown>> =>
    createApiKeys({ store: { apiKeys: store.part }, secrets, clock: now, ...options });
  return { keys: another(), store, pass, now, another };
};

describe('an API key', () => {
  it('A10: is returned once, and is valid for its user until it is revoked', async () => {
    const { keys, now, store } = setUp();
    const { apiKey, ...info } = await keys.create({
      userId: 'ann',
      name: 'deploy',
      claims: { role: 'reader' },
    });
    expect(apiKey).toMatch(/^pawl_ak_[\w-]{104}$/);
    expect(info).toEqual({
      keyId: info.keyId,
      userId: 'ann',
      name: 'deploy',
      claims: { role: 'reader' },
      createdAt: now(),
      expiresAt: null,
      lastUsedAt: null,
    });
    expect(await store.costOf(() => keys.verify(apiKey))).toStrictEqual(['find']);
    expect(await keys.verify(apiKey)).toEqual({ ...info, lastUsedAt: now() });
    expect(await keys.list('ann')).toEqual([{ ...info, lastUsedAt: now() }]);
    expect(JSON.stringify(await keys.list('ann'))).not.toContain(apiKey);
    expect(await keys.revoke(info.keyId, { userId: 'bob' })).toBe('missing');
    expect(await codeOf(keys.revoke(info.keyId, { userId: undefined }))).toBe('ERR_INPUT_INVALID');
    expect(await keys.revoke(info.keyId, { userId: 'ann' })).toBe('revoked');
    expect(await keys.revoke(info.keyId)).toBe('already_revoked');
    expect(await codeOf(keys.verify(apiKey))).toBe('ERR_TOKEN_REVOKED');
    expect(await keys.list('ann')).toEqual([]);
  });

  it('expires to the second, by the clocks of the application and of the store', async () => {
    const { keys, pass, now, another } = setUp();
    const { apiKey, expiresAt } = await keys.create({ userId: 'ann', name: 'ci', lifetime: hour });
    expect(expiresAt).toBe(Math.ceil((now() + hour) / 1_000) * 1_000);
    pass((expiresAt as number) - now() - 1);
    expect((await keys.verify(apiKey)).userId).toBe('ann');
    pass(1);
    expect(await codeOf(keys.verify(apiKey))).toBe('ERR_TOKEN_EXPIRED');
    const slow = another({ clock: () => now() - day });
    expect(await codeOf(slow.verify(apiKey))).toBe('ERR_TOKEN_EXPIRED');
    expect(await keys.list('ann')).toEqual([]);
  });

  it('records its use once per interval', async () => {
    const { keys, pass, now } = setUp();
    const { apiKey } = await keys.create({ userId: 'ann', name: 'ci' });
    const first = now();
    expect((await keys.verify(apiKey)).lastUsedAt).toBe(first);
    pass(minute - 1);
    expect((await keys.verify(apiKey)).lastUsedAt).toBe(first);
    pass(1);
    expect((await keys.verify(apiKey)).lastUsedAt).toBe(first + minute);
  });

  it('is revoked with all others of its user, and none of another user', async () => {
    const { keys } = setUp();
    const mine = await Promise.all(['a', 'b'].map((name) => keys.create({ userId: 'ann', name })));
    const other = await keys.create({ userId: 'bob', name: 'c' });
    expect(await keys.revokeAll('ann')).toBe(2);
    for (const { apiKey } of mine)
      expect(await codeOf(keys.verify(apiKey))).toBe('ERR_TOKEN_REVOKED');
    expect((await keys.verify(other.apiKey)).userId).toBe('bob');
  });

  it('is recognized by its form, without a store call', () => {
    const { keys } = setUp();
    expect(keys.isApiKey('pawl_ak_x')).toBe(true);
    for (const odd of ['', 'pawl_at_x', 'Pawl_ak_x', null, 5, undefined, {}]) {
      expect(keys.isApiKey(odd as string)).toBe(false);
    }
  });

  it('CR-02: is refused without a store call if its root is foreign or compromised', async () => {
    const { keys, store, another } = setUp();
    const { apiKey } = await keys.create({ userId: 'ann', name: 'ci' });
    const [one] = secrets as [string];
    const cost = await store.costOf(async () => {
      for (const given of [
        [rootSecret('foreign')],
        [rootSecret('new'), { secret: one, status: 'compromised' as const }],
      ]) {
        expect(await codeOf(another({ secrets: given }).verify(apiKey))).toBe('ERR_TOKEN_INVALID');
      }
      for (const odd of ['', 'pawl_ak_', apiKey.slice(1), `${apiKey}A`, null, 5, {}, undefined]) {
        expect(await codeOf(keys.verify(odd as string))).toBe('ERR_TOKEN_INVALID');
      }
    });
    expect(cost).toStrictEqual([]);
    expect((await another({ secrets: [rootSecret('new'), one] }).verify(apiKey)).name).toBe('ci');
  });
});

describe('a store of API keys', () => {
  it('FC-01: that fails neither refuses nor accepts', async () => {
    const { keys, store } = setUp();
    const { apiKey, keyId } = await keys.create({ userId: 'ann', name: 'ci' });
    for (const verb of ['create', 'find', 'list', 'revoke', 'revokeAll'] as const) {
      store.fail(verb, 'before');
    }
    for (const call of [
      keys.create({ userId: 'ann', name: 'ci' }),
      keys.verify(apiKey),
      keys.list('ann'),
      keys.revoke(keyId),
      keys.revokeAll('ann'),
    ]) {
      expect(await codeOf(call)).toBe('ERR_STORE_UNAVAILABLE');
    }
    expect((await keys.verify(apiKey)).userId).toBe('ann');
  });

  it('I5: that returns another key’s record is refused', async () => {
    const { keys, store } = setUp();
    const mine = await keys.create({ userId: 'ann', name: 'ci' });
    const other = await keys.create({ userId: 'bob', name: 'ci' });
    const found = await store.part.find(other.keyId);
    store.replies.set('find', () => found);
    store.replies.set('list', () => [found?.record]);
    expect(await codeOf(keys.verify(mine.apiKey))).toBe('ERR_STORE_RECORD');
    expect(await codeOf(keys.list('ann'))).toBe('ERR_STORE_RECORD');
    const disguised = { ...found, record: { ...found?.record, keyId: mine.keyId } };
    store.replies.set('find', () => disguised);
    expect(await codeOf(keys.verify(mine.apiKey))).toBe('ERR_TOKEN_INVALID');
  });

  it('that returns claims that are not JSON is refused, and no error quotes them', async () => {
    const { keys, store } = setUp();
    const { apiKey } = await keys.create({ userId: 'ann', name: 'ci' });
    store.replies.set('find', (reply: { record: object }) => ({
      ...reply,
      record: { ...reply.record, claims: '"hunter2' },
    }));
    const error = await errorOf(keys.verify(apiKey));
    expect(error).toMatchObject({ code: 'ERR_STORE_RECORD' });
    expect(`${error.message}${String(error.cause)}`).not.toContain('hunter2');
  });

  it('RT-09: holds no key', async () => {
    const { keys, store } = setUp();
    const { apiKey, keyId } = await keys.create({ userId: 'ann', name: 'ci' });
    const found = await store.part.find(keyId);
    const bytes = Buffer.from(apiKey.slice(-104), 'base64url');
    const dump = JSON.stringify(found, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    );
    expect(dump).not.toContain(apiKey.slice(-104));
    expect(dump).not.toContain(bytes.subarray(30, 62).toString('hex'));
  });
});

describe('invalid input for API keys', () => {
  it('throws an error that names it, and nothing is stored', async () => {
    const { keys, store } = setUp();
    const cost = await store.costOf(async () => {
      for (const [request, argument] of [
        [{ userId: '', name: 'ci' }, 'userId'],
        [{ userId: 'ann', name: '' }, 'name'],
        [{ userId: 'ann', name: 'x'.repeat(129) }, 'name'],
        [{ userId: 'ann', name: 'a\u0000b' }, 'name'],
        [{ userId: 'ann', name: 5 }, 'name'],
        [{ userId: 'ann', name: 'ci', claims: 'text' }, 'claims'],
        [{ userId: 'ann', name: 'ci', claims: { sub: 'bob' } }, 'claims.sub'],
        [{ userId: 'ann', name: 'ci', lifetime: 999 }, 'lifetime'],
        [{ userId: 'ann', name: 'ci', lifetime: Infinity }, 'lifetime'],
        [{ userId: 'ann', name: 'ci', lifetime: 1e18 }, 'lifetime'],
        [{ userId: 'ann', name: 'ci', lifetime: '5000' }, 'lifetime'],
        [{ userId: 'ann', name: 'ci', lifetime: null }, 'lifetime'],
      ] as const) {
        const error = await errorOf(keys.create(request as never));
        expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID', argument });
      }
      for (const odd of ['', null, 5, undefined, {}]) {
        expect(await codeOf(keys.list(odd as string))).toBe('ERR_INPUT_INVALID');
        expect(await codeOf(keys.revokeAll(odd as string))).toBe('ERR_INPUT_INVALID');
        expect(await codeOf(keys.revoke(odd as string))).toBe('ERR_INPUT_INVALID');
      }
    });
    expect(cost).toStrictEqual([]);
  });

  it('rejects, and never throws synchronously', () => {
    const { keys } = setUp();
    expect(() => keys.revokeAll('').catch(() => {})).not.toThrow();
    expect(() => keys.list('').catch(() => {})).not.toThrow();
  });

  it('A16: throws an error that names a missing or contradictory option', async () => {
    const { another } = setUp();
    for (const [options, option] of [
      [{ store: undefined }, 'store'],
      [{ store: {} }, 'store'],
      [{ secrets: undefined }, 'secrets'],
      [{ prefix: '' }, 'prefix'],
      [{ prefix: 'a b' }, 'prefix'],
      [{ prefix: 5 }, 'prefix'],
      [{ touchInterval: -1 }, 'touchInterval'],
      [{ touchInterval: Number.NaN }, 'touchInterval'],
    ] as const) {
      const error = await errorOf(() => another(options as never));
      expect(error).toMatchObject({ code: 'ERR_CONFIGURATION', option });
    }
  });
});
