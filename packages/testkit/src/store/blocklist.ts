import type { Store } from '@pawl/core/store';
import { newUserId } from '../fixtures/builders.ts';
import { oddTexts } from '../fixtures/odd-text.ts';
import type { StoreFactory, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';

/** The whole contract of `BlocklistStore`, registered with the runner. */
export const testBlocklistStore = (
  test: TestRunner,
  factory: StoreFactory<Pick<Store, 'blocklist'>>,
  options: SuiteOptions = {},
): void => {
  const suite = new Suite(test, factory, options);
  registerBlocklist(suite);
  suite.finish();
};

export const registerBlocklist = (suite: Suite<Pick<Store, 'blocklist'>>): void => {
  groupBlocklist(suite);
  suite.sendTwice(groupBlocklist);
};

const groupBlocklist = (suite: Suite<Pick<Store, 'blocklist'>>): void =>
  suite.group('blocklist', () => {
    suite.test('an id that nobody put there is not on the list', async (t) => {
      t.same(await t.store.blocklist.isRevoked([newUserId()]), false);
      t.same(await t.store.blocklist.isRevoked([]), false);
    });

    suite.test('an id is on the list once revoked, on every node', async (t) => {
      const id = newUserId();
      await t.store.blocklist.revoke(id, t.now() + 60_000);
      t.same(await t.store.blocklist.isRevoked([id]), true);
      t.same(await t.second.blocklist.isRevoked([id]), true);
    });

    suite.test('any of several ids is enough', async (t) => {
      const [first, second, third] = [newUserId(), newUserId(), newUserId()] as const;
      await t.store.blocklist.revoke(second, t.now() + 60_000);
      const { blocklist } = t.store;
      t.same(await blocklist.isRevoked([first, second]), true);
      t.same(await blocklist.isRevoked([second, first]), true);
      t.same(await blocklist.isRevoked([second, second]), true);
      t.same(await blocklist.isRevoked([first, third]), false);
    });

    suite.test('an id is on the list until its last millisecond', async (t) => {
      const id = newUserId();
      const expiresAt = t.now() + t.shortLifetime;
      await t.store.blocklist.revoke(id, expiresAt);
      await t.waitUntilJustBefore(expiresAt);
      t.same(await t.store.blocklist.isRevoked([id]), true);
      await t.waitUntil(expiresAt + 1);
      t.same(await t.store.blocklist.isRevoked([id]), false);
    });

    for (const order of ['later', 'earlier'] as const) {
      suite.test(`of two expiries the later stays, also if the ${order} comes last`, async (t) => {
        const id = newUserId();
        const [short, long] = [t.now() + t.shortLifetime, t.now() + 10 * t.shortLifetime];
        await t.store.blocklist.revoke(id, order === 'later' ? short : long);
        await t.second.blocklist.revoke(id, order === 'later' ? long : short);
        await t.waitUntil(short + 1);
        await t.store.blocklist.deleteExpired();
        t.same(await t.store.blocklist.isRevoked([id]), true);
      });
    }

    suite.test('of 64 racing calls the latest expiry stays', async (t) => {
      const id = newUserId();
      const start = t.now() + t.shortLifetime;
      await Promise.all(
        Array.from({ length: 64 }, (_, i) =>
          (i % 2 ? t.store : t.second).blocklist.revoke(id, i === 20 ? start + 60_000 : start - i),
        ),
      );
      await t.waitUntil(start + 1);
      await t.store.blocklist.deleteExpired();
      t.same(await t.store.blocklist.isRevoked([id]), true);
    });

    suite.test('the sweep removes only what is strictly past', async (t) => {
      const [gone, kept] = [newUserId(), newUserId()];
      const expiresAt = t.now() + t.shortLifetime;
      await t.store.blocklist.revoke(gone, expiresAt);
      await t.store.blocklist.revoke(kept, expiresAt + 600_000);
      await t.waitUntilJustBefore(expiresAt);
      await t.store.blocklist.deleteExpired();
      t.same(await t.store.blocklist.isRevoked([gone]), true);
      await t.waitUntil(expiresAt);
      const early = await t.store.blocklist.deleteExpired();
      await t.waitUntil(expiresAt + 1);
      const count = await t.store.blocklist.deleteExpired();
      // A store that forgets by itself, or shares a server, counts otherwise.
      if (t.countsSweeps) t.same([early, count], [0, 1]);
      t.same(await t.store.blocklist.isRevoked([gone]), false);
      t.same(await t.store.blocklist.isRevoked([kept]), true);
    });

    suite.test('odd ids are kept apart', async (t) => {
      const prefix = newUserId();
      for (const [i, text] of oddTexts.entries()) {
        if (i % 2) await t.store.blocklist.revoke(prefix + text, t.now() + 60_000);
      }
      const listed = await Promise.all(
        oddTexts.map((text) => t.store.blocklist.isRevoked([prefix + text])),
      );
      t.same(
        listed,
        oddTexts.map((_, i) => i % 2 === 1),
      );
      t.same(await t.store.blocklist.isRevoked(['__proto__', 'constructor']), false);
    });

    suite.test('a guard may ask about many ids at once', async (t) => {
      const ids = Array.from({ length: 500 }, newUserId);
      t.same(await t.store.blocklist.isRevoked(ids), false);
      await t.store.blocklist.revoke(ids[499] as string, t.now() + 60_000);
      t.same(await t.store.blocklist.isRevoked(ids), true);
    });
  });
