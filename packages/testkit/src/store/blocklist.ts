import type { Store, TokenOrigin } from '@pawl/core/store';
import { newUserId } from '../fixtures/builders.ts';
import { oddTexts } from '../fixtures/odd-text.ts';
import type { StoreFactory, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';
import { registerBlocklistOutage } from './outages.ts';
import { registerBlocklistSizes } from './sizes.ts';

/**
 * Registers the contract of `BlocklistStore` with the test runner.
 *
 * @param test the functions of the runner
 * @param factory returns a new store for each test
 * @example
 * testBlocklistStore({ describe, it, expect }, () => {
 *   const clock = createTestClock();
 *   return { store: createMyStore({ clock: clock.now }), clock };
 * });
 */
export const testBlocklistStore = (
  test: TestRunner,
  factory: StoreFactory<Pick<Store, 'blocklist'>>,
  options: SuiteOptions = {},
): void => {
  const suite = new Suite(test, factory, options);
  registerBlocklist(suite);
  suite.finish();
};

/** Registers the tests of `BlocklistStore` with a suite. */
export const registerBlocklist = (suite: Suite<Pick<Store, 'blocklist'>>): void => {
  groupBlocklist(suite);
  suite.sendTwice(groupBlocklist);
  groupNotBefore(suite);
  registerBlocklistSizes(suite);
  registerBlocklistOutage(suite);
};

const groupBlocklist = (suite: Suite<Pick<Store, 'blocklist'>>): void =>
  suite.group('blocklist', () => {
    suite.test('an id that was not revoked is not on the list', async (t) => {
      t.same(await t.store.blocklist.isRevoked([newUserId()]), false);
      t.same(await t.store.blocklist.isRevoked([]), false);
    });

    suite.test('a revoked id is on the list, on every node', async (t) => {
      const id = newUserId();
      await t.store.blocklist.revoke(id, t.now() + 60_000);
      t.same(await t.store.blocklist.isRevoked([id]), true);
      t.same(await t.second.blocklist.isRevoked([id]), true);
    });

    suite.test('isRevoked is true if any of several ids is revoked', async (t) => {
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
      suite.test(
        `of two expiries the later one is kept, even if the ${order} one comes last`,
        async (t) => {
          const id = newUserId();
          const [short, long] = [t.now() + t.shortLifetime, t.now() + 10 * t.shortLifetime];
          await t.store.blocklist.revoke(id, order === 'later' ? short : long);
          await t.second.blocklist.revoke(id, order === 'later' ? long : short);
          await t.waitUntil(short + 1);
          await t.store.blocklist.deleteExpired();
          t.same(await t.store.blocklist.isRevoked([id]), true);
        },
      );
    }

    suite.test('of 64 concurrent calls the latest expiry is kept', async (t) => {
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

    suite.test('deleteExpired deletes an id one millisecond after its expiry', async (t) => {
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
      // A store that deletes expired ids by itself returns other counts.
      if (t.countsSweeps) t.same([early, count], [0, 1]);
      t.same(await t.store.blocklist.isRevoked([gone]), false);
      t.same(await t.store.blocklist.isRevoked([kept]), true);
    });

    suite.test('odd ids are distinct', async (t) => {
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

    suite.test('isRevoked accepts many ids', async (t) => {
      const ids = Array.from({ length: 500 }, newUserId);
      t.same(await t.store.blocklist.isRevoked(ids), false);
      await t.store.blocklist.revoke(ids[499] as string, t.now() + 60_000);
      t.same(await t.store.blocklist.isRevoked(ids), true);
    });
  });

/** The optional time before which all tokens of a user are revoked, `revokeBefore`. */
const groupNotBefore = (suite: Suite<Pick<Store, 'blocklist'>>): void =>
  suite.group('blocklist: all tokens of a user', () => {
    suite.test(
      'those from before the time are revoked, on every node, and no others',
      async (t) => {
        if (!t.store.blocklist.revokeBefore) return t.skip('the store has no revokeBefore');
        const [subject, other] = [newUserId(), newUserId()];
        const time = t.now() * 1_000 + 500;
        await t.store.blocklist.revokeBefore(subject, time, t.now() + 60_000);
        for (const { blocklist } of [t.store, t.second]) {
          const isRevoked = (origin: TokenOrigin): Promise<boolean> =>
            blocklist.isRevoked([newUserId()], origin);
          t.same(await isRevoked({ subject, issuedAt: time - 1 }), true);
          t.same(await isRevoked({ subject, issuedAt: time }), false);
          t.same(await isRevoked({ subject, issuedAt: time + 1 }), false);
          t.same(await isRevoked({ subject: other, issuedAt: time - 1 }), false);
          t.same(await blocklist.isRevoked([subject]), false);
          t.same(await blocklist.isRevoked([], { subject, issuedAt: time - 1 }), true);
        }
      },
    );

    suite.test('the ids are still looked up, and no subject is taken for an id', async (t) => {
      if (!t.store.blocklist.revokeBefore) return t.skip('the store has no revokeBefore');
      const [subject, id] = [newUserId(), newUserId()];
      await t.store.blocklist.revoke(id, t.now() + 60_000);
      await t.store.blocklist.revoke(subject, t.now() + 60_000);
      const origin = { subject, issuedAt: t.now() * 1_000 };
      t.same(await t.store.blocklist.isRevoked([id], origin), true);
      t.same(await t.store.blocklist.isRevoked([newUserId()], origin), false);
    });

    suite.test('of 64 concurrent calls the latest time and the latest expiry stay', async (t) => {
      if (!t.store.blocklist.revokeBefore) return t.skip('the store has no revokeBefore');
      const subject = newUserId();
      const [time, expiresAt] = [t.now() * 1_000, t.now() + t.shortLifetime];
      await Promise.all(
        Array.from({ length: 64 }, async (_, i) =>
          (i % 2 ? t.store : t.second).blocklist.revokeBefore?.(
            subject,
            i === 20 ? time + 7 : time - i,
            i === 40 ? expiresAt + 60_000 : expiresAt - i,
          ),
        ),
      );
      const isRevoked = (issuedAt: number): Promise<boolean> =>
        t.second.blocklist.isRevoked([], { subject, issuedAt });
      t.same([await isRevoked(time + 6), await isRevoked(time + 7)], [true, false]);
      await t.waitUntil(expiresAt + 1);
      await t.store.blocklist.deleteExpired();
      t.same(await isRevoked(time + 6), true);
    });

    suite.test('the time is kept until its expiry, and then deleted', async (t) => {
      if (!t.store.blocklist.revokeBefore) return t.skip('the store has no revokeBefore');
      const origin = { subject: newUserId(), issuedAt: t.now() * 1_000 - 1 };
      const expiresAt = t.now() + t.shortLifetime;
      await t.store.blocklist.revokeBefore(origin.subject, t.now() * 1_000, expiresAt);
      await t.waitUntilJustBefore(expiresAt);
      await t.store.blocklist.deleteExpired();
      t.same(await t.store.blocklist.isRevoked([], origin), true);
      await t.waitUntil(expiresAt + 1);
      t.same(await t.store.blocklist.isRevoked([], origin), false);
      const count = await t.store.blocklist.deleteExpired();
      if (t.countsSweeps) t.same(count, 1);
    });
  });
