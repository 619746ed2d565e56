import type { Store } from '@pawl/core/store';
import { newApiKey, newId, newUserId, revokeKeyInput, seededBytes } from '../fixtures/builders.ts';
import { oddJson, oddTexts } from '../fixtures/odd-text.ts';
import { similarIds } from '../fixtures/similar-ids.ts';
import type { StoreFactory, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';
import { registerApiKeyRevocation } from './api-key/revocation.ts';
import { createKeys, readKey } from './api-key/trial.ts';
import { registerApiKeyOutage } from './outages.ts';
import { registerApiKeysSentAgain } from './sent-again/api-keys.ts';
import { registerApiKeySizes } from './sizes.ts';

/**
 * Registers the contract of `ApiKeyStore` with the test runner.
 *
 * @param test the functions of the runner
 * @param factory returns a new store for each test
 * @example
 * testApiKeyStore({ describe, it, expect }, () => {
 *   const clock = createTestClock();
 *   return { store: createMyStore({ clock: clock.now }), clock };
 * });
 */
export const testApiKeyStore = (
  test: TestRunner,
  factory: StoreFactory<Pick<Store, 'apiKeys'>>,
  options: SuiteOptions = {},
): void => {
  const suite = new Suite(test, factory, options);
  registerApiKeys(suite);
  suite.finish();
};

/** Registers the tests of `ApiKeyStore` with a suite. */
export const registerApiKeys = (suite: Suite<Pick<Store, 'apiKeys'>>): void => {
  registerDeterministic(suite);
  suite.sendTwice(registerDeterministic);
  registerApiKeysSentAgain(suite);
  registerApiKeySizes(suite);
  registerApiKeyOutage(suite);
};

const registerDeterministic = (suite: Suite<Pick<Store, 'apiKeys'>>): void => {
  groupApiKeys(suite);
  registerApiKeyRevocation(suite);
};

const groupApiKeys = (suite: Suite<Pick<Store, 'apiKeys'>>): void =>
  suite.group('api keys', () => {
    suite.test('a new key is stored with the store’s time', async (t) => {
      const key = newApiKey({ expiresAt: t.now() + 3_600_000 });
      const created = await t.store.apiKeys.create(key);
      const createdAt = t.clock?.now() ?? created.createdAt;
      t.same(created, { ...key, createdAt, lastUsedAt: null, revokedAt: null, revokedBy: null });
      const found = await t.second.apiKeys.find(key.keyId);
      t.same(found?.record, created);
      if (t.clock) t.same(found?.now, t.clock.now());
      t.same(await t.store.apiKeys.find(newId('nobody')), null);
    });

    suite.test('creating an existing id throws and overwrites nothing', async (t) => {
      const key = newApiKey();
      const created = await t.store.apiKeys.create(key);
      const again = { ...key, tokenHash: seededBytes('another', 32) };
      await t.throws(() => t.store.apiKeys.create(again), 'ERR_INPUT_INVALID', 'the same user');
      const other = { ...again, userId: newUserId() };
      await t.throws(() => t.store.apiKeys.create(other), 'ERR_INPUT_INVALID', 'another user');
      t.same(await readKey(t, key.keyId), created);
      t.same(await t.store.apiKeys.list(other.userId), []);
    });

    suite.test('a limit counts the user’s live keys, and refuses one more', async (t) => {
      const [userId, other] = [newUserId(), newUserId()];
      const { apiKeys } = t.store;
      const expiring = newApiKey({ userId, expiresAt: t.now() + t.shortLifetime });
      const [first, second] = [newApiKey({ userId }), newApiKey({ userId })] as const;
      for (const key of [expiring, first, second]) await apiKeys.create(key, 3);
      const next = newApiKey({ userId });
      await t.throws(() => apiKeys.create(next, 3), 'ERR_API_KEY_LIMIT', 'one too many');
      t.same(await apiKeys.find(next.keyId), null, 'nothing is stored');
      t.same((await apiKeys.create(newApiKey({ userId: other }), 1)).userId, other);
      await t.wait(t.shortLifetime + 1);
      await apiKeys.create(next, 3);
      await t.throws(
        () => apiKeys.create(newApiKey({ userId }), 3),
        'ERR_API_KEY_LIMIT',
        'one too many again',
      );
      await apiKeys.revoke(revokeKeyInput(first.keyId));
      await apiKeys.create(newApiKey({ userId }), 3);
      t.same((await apiKeys.list(userId)).length, 3);
      await apiKeys.deleteExpired();
    });

    suite.test('a creation that is sent again at the limit is the same creation', async (t) => {
      const key = newApiKey();
      const created = await t.store.apiKeys.create(key, 1);
      t.same(await t.second.apiKeys.create(key, 1), created);
    });

    suite.test('32 concurrent creations with a limit of 5 make exactly 5 keys', async (t) => {
      const userId = newUserId();
      const results = await Promise.allSettled(
        Array.from({ length: 32 }, (_, i) =>
          (i % 2 ? t.second : t.store).apiKeys.create(newApiKey({ userId }), 5),
        ),
      );
      t.same(results.filter(({ status }) => status === 'fulfilled').length, 5);
      t.same((await t.store.apiKeys.list(userId)).length, 5);
    });

    suite.test('use is recorded at most once per interval', async (t) => {
      const key = newApiKey();
      const created = await t.store.apiKeys.create(key);
      const interval = t.clock ? 60_000 : 100;
      await t.store.apiKeys.find(key.keyId);
      t.same(
        (await readKey(t, key.keyId)).lastUsedAt,
        null,
        'without an interval nothing is recorded',
      );
      await t.store.apiKeys.find(key.keyId, interval);
      await t.eventually(
        async () => (await readKey(t, key.keyId)).lastUsedAt !== null,
        'first use',
      );
      const first = await readKey(t, key.keyId);
      const lastUsedAt = first.lastUsedAt ?? 0;
      t.same(first, { ...created, lastUsedAt });
      if (t.clock) t.same(lastUsedAt, t.clock.now());
      await t.waitUntilJustBefore(lastUsedAt + interval);
      await t.store.apiKeys.find(key.keyId, t.clock ? interval : 3_600_000);
      t.same(await readKey(t, key.keyId), first);
      await t.waitUntil(lastUsedAt + interval);
      await t.store.apiKeys.find(key.keyId, interval);
      await t.eventually(
        async () => ((await readKey(t, key.keyId)).lastUsedAt ?? 0) >= lastUsedAt + interval,
        'use after the interval',
      );
    });

    suite.test('list returns a user’s live keys, newest first', async (t) => {
      const userId = newUserId();
      const keys = await createKeys(t, userId, 4);
      await t.store.apiKeys.create(newApiKey());
      await t.store.apiKeys.create(newApiKey({ userId, expiresAt: t.now() }));
      await t.wait(1);
      await t.store.apiKeys.revoke(revokeKeyInput(keys[1] as string));
      const listed = await t.store.apiKeys.list(userId);
      t.same(
        listed.map(({ keyId }) => keyId),
        [keys[3], keys[2], keys[0]],
      );
      t.same(listed[2], await readKey(t, keys[0] as string));
      t.same(await t.store.apiKeys.list(newUserId()), []);
    });

    suite.test('a key is listed until its last millisecond and deleted after it', async (t) => {
      const key = newApiKey({ expiresAt: t.now() + t.shortLifetime });
      const forever = newApiKey({ userId: key.userId });
      await t.store.apiKeys.create(key);
      await t.store.apiKeys.create(forever);
      const expiresAt = key.expiresAt ?? 0;
      await t.waitUntilJustBefore(expiresAt);
      t.same((await t.store.apiKeys.list(key.userId)).length, 2);
      await t.store.apiKeys.deleteExpired();
      await readKey(t, key.keyId);
      await t.waitUntil(expiresAt);
      const listed = await t.store.apiKeys.list(key.userId);
      t.same(
        listed.map(({ keyId }) => keyId),
        [forever.keyId],
      );
      if (!suite.options.forgetsExpired) {
        t.same((await readKey(t, key.keyId)).expiresAt, expiresAt, 'an expired key is found');
      }
      const early = await t.store.apiKeys.deleteExpired();
      await t.waitUntil(expiresAt + 1);
      const count = await t.store.apiKeys.deleteExpired();
      if (t.countsSweeps) t.same([early, count], [0, 1]);
      t.same(await t.store.apiKeys.find(key.keyId), null);
      await readKey(t, forever.keyId);
    });

    suite.test('inputs and results can be overwritten', async (t) => {
      const key = newApiKey();
      const given = Buffer.from(key.tokenHash);
      const created = await t.store.apiKeys.create({ ...key, tokenHash: given });
      const found = await readKey(t, key.keyId);
      const [listed] = await t.store.apiKeys.list(key.userId);
      for (const hash of [given, created.tokenHash, found.tokenHash, listed?.tokenHash]) {
        hash?.fill(0xee);
        t.same((await readKey(t, key.keyId)).tokenHash, key.tokenHash);
      }
    });

    suite.test('similar ids, odd users, names and claims are stored unchanged', async (t) => {
      const userId = newUserId();
      const [missing = '', ...ids] = similarIds(userId);
      for (const keyId of ids)
        await t.store.apiKeys.create(newApiKey({ userId, keyId, name: keyId }));
      for (const keyId of ids) t.same((await readKey(t, keyId)).name, keyId);
      t.same(await t.store.apiKeys.find(missing), null);
      t.same(await t.store.apiKeys.revoke(revokeKeyInput(missing)), 'missing');
      const keys = oddTexts.map((text) => newApiKey({ userId: text, name: text }));
      for (const key of keys) await t.store.apiKeys.create(key);
      for (const key of keys) {
        const listed = await t.store.apiKeys.list(key.userId);
        t.same(
          listed.every((record) => record.userId === key.userId),
          true,
          key.userId,
        );
        t.same(listed.find(({ keyId }) => keyId === key.keyId)?.name, key.name);
      }
      for (const claims of oddJson) {
        const key = newApiKey({ claims });
        await t.store.apiKeys.create(key);
        t.same((await readKey(t, key.keyId)).claims, claims);
      }
    });
  });
