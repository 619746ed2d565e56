import type { Store } from '@pawl/core/store';
import { newApiKey, newCallId, newUserId } from '../fixtures/builders.ts';
import { longJson, longTexts } from '../fixtures/long-texts.ts';
import type { Suite } from '../harness/suite.ts';

/** In UTF-16 units, as the ports state them. */
const maxKey = 512;

/** Ids of the greatest length are listed, and differ in their last character. */
export const registerBlocklistSizes = (suite: Suite<Pick<Store, 'blocklist'>>): void =>
  suite.group('blocklist sizes', () => {
    suite.test('ids of the greatest length', async (t) => {
      for (const id of longTexts(maxKey, newUserId())) {
        await t.store.blocklist.revoke(id, t.now() + 60_000);
        t.same(await t.store.blocklist.isRevoked([id]), true);
        t.same(await t.store.blocklist.isRevoked([`${id.slice(0, -2)}zz`]), false);
      }
    });
  });

/** Keys and values of the greatest length are stored unchanged. */
export const registerSingleUseSizes = (suite: Suite<Pick<Store, 'singleUse'>>): void =>
  suite.group('single use sizes', () => {
    suite.test('keys and values of the greatest length', async (t) => {
      const values = longTexts(16_384);
      for (const [i, key] of longTexts(maxKey, newUserId()).entries()) {
        const value = values[i] as string;
        t.same(await t.store.singleUse.put(key, value, 60_000, newCallId()), true);
        t.same(await t.store.singleUse.take(`${key.slice(0, -2)}zz`, newCallId()), null);
        t.same(await t.store.singleUse.take(key, newCallId()), value);
      }
    });
  });

/** Users, names and claims of the greatest length are stored unchanged. */
export const registerApiKeySizes = (suite: Suite<Pick<Store, 'apiKeys'>>): void =>
  suite.group('api key sizes', () => {
    suite.test('users, names and claims of the greatest length', async (t) => {
      const claims = longJson(16_384);
      const names = longTexts(255);
      for (const [i, userId] of longTexts(255, newUserId()).entries()) {
        const key = newApiKey({ userId, name: names[i] as string, claims: claims[i] as string });
        const created = await t.store.apiKeys.create(key);
        t.same([created.userId, created.name, created.claims], [userId, key.name, key.claims]);
        t.same(await t.store.apiKeys.list(userId), [created]);
      }
    });
  });

/** Names of the greatest length are distinct. */
export const registerLeaseSizes = (suite: Suite<Pick<Store, 'leases'>>): void =>
  suite.group('lease sizes', () => {
    suite.test('names of the greatest length', async (t) => {
      for (const name of longTexts(maxKey, newUserId())) {
        for (const free of [name, `${name.slice(0, -2)}zz`]) {
          const lease = await t.store.leases.acquire(free, 60_000, newCallId());
          t.same(lease === null, false, 'a free lease is granted');
        }
        t.same(await t.store.leases.acquire(name, 60_000, newCallId()), null);
      }
    });
  });

/** Keys of the greatest length are distinct. */
export const registerRateLimitSizes = (suite: Suite<Pick<Store, 'rateLimits'>>): void =>
  suite.group('rate limit sizes', () => {
    suite.test('keys of the greatest length', async (t) => {
      const limit = { capacity: 1, refillInterval: 3_600_000 };
      for (const key of longTexts(maxKey, newUserId())) {
        for (const [one, expected] of [
          [key, true],
          [`${key.slice(0, -2)}zz`, true],
          [key, false],
        ] as const) {
          t.same((await t.store.rateLimits.consume(one, limit, newCallId())).allowed, expected);
        }
      }
    });
  });
