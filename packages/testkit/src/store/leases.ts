import type { Store } from '@pawl/core/store';
import { newCallId, newUserId } from '../fixtures/builders.ts';
import { oddTexts } from '../fixtures/odd-text.ts';
import type { StoreFactory, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';
import type { Trial } from '../harness/trial.ts';
import { registerLeaseOutage } from './outages.ts';
import { registerLeasesSentAgain } from './sent-again/leases.ts';
import { registerLeaseSizes } from './sizes.ts';

type LeaseTrial = Trial<Pick<Store, 'leases'>>;

/**
 * Registers the contract of `LeaseStore` with the test runner.
 *
 * @param test the functions of the runner
 * @param factory returns a new store for each test
 * @example
 * testLeaseStore({ describe, it, expect }, () => {
 *   const clock = createTestClock();
 *   return { store: createMyStore({ clock: clock.now }), clock };
 * });
 */
export const testLeaseStore = (
  test: TestRunner,
  factory: StoreFactory<Pick<Store, 'leases'>>,
  options: SuiteOptions = {},
): void => {
  const suite = new Suite(test, factory, options);
  registerLeases(suite);
  suite.finish();
};

/** Registers the tests of `LeaseStore` with a suite. */
export const registerLeases = (suite: Suite<Pick<Store, 'leases'>>): void => {
  groupLeases(suite);
  suite.sendTwice(groupLeases);
  registerLeasesSentAgain(suite);
  registerLeaseSizes(suite);
  registerLeaseOutage(suite);
};

const groupLeases = (suite: Suite<Pick<Store, 'leases'>>): void =>
  suite.group('leases', () => {
    suite.test('a lease is granted to one caller until it is released', async (t) => {
      const name = newUserId();
      const lease = await acquire(t, name);
      t.same(await t.store.leases.acquire(name, 60_000, newCallId()), null);
      t.same(await t.second.leases.acquire(name, 60_000, newCallId()), null);
      await t.store.leases.release(name, lease);
      t.same((await t.second.leases.acquire(name, 60_000, newCallId())) === null, false);
    });

    suite.test('of 64 concurrent calls one gets the lease', async (t) => {
      const name = newUserId();
      const granted = await Promise.all(
        Array.from({ length: 64 }, (_, i) =>
          (i % 2 ? t.store : t.second).leases.acquire(name, 60_000, newCallId()),
        ),
      );
      t.same(granted.filter((lease) => lease !== null).length, 1);
    });

    suite.test('of 64 concurrent calls one gets an expired lease', async (t) => {
      const name = newUserId();
      await acquire(t, name, 1);
      await t.wait(5);
      const granted = await Promise.all(
        Array.from({ length: 64 }, (_, i) =>
          (i % 2 ? t.store : t.second).leases.acquire(name, 60_000, newCallId()),
        ),
      );
      t.same(granted.filter((lease) => lease !== null).length, 1);
    });

    suite.test('a lease is held until its last millisecond', async (t) => {
      const name = newUserId();
      const end = t.now() + t.shortLifetime;
      await acquire(t, name, t.shortLifetime);
      await t.waitUntilJustBefore(end);
      t.same(await t.second.leases.acquire(name, 60_000, newCallId()), null);
      await (t.clock ? t.waitUntil(end) : t.wait(t.shortLifetime));
      t.same((await t.second.leases.acquire(name, 60_000, newCallId())) === null, false);
    });

    suite.test('the fence of a name grows with every grant', async (t) => {
      const name = newUserId();
      const fences: number[] = [];
      for (let i = 0; i < 3; i++) {
        const released = await acquire(t, name);
        await t.store.leases.release(name, released);
        const expired = await acquire(t, name, 1);
        await t.wait(5);
        fences.push(released.fence, expired.fence);
      }
      t.same(
        fences,
        fences.toSorted((a, b) => a - b),
      );
      t.same(new Set(fences).size, fences.length);
      t.same(fences.every(Number.isSafeInteger), true);
    });

    suite.test('a renewed lease is held for the new time with the same fence', async (t) => {
      const name = newUserId();
      const lease = await acquire(t, name, t.shortLifetime);
      await t.wait(t.shortLifetime * 0.6);
      const end = t.now() + t.shortLifetime;
      t.same(await t.second.leases.renew(name, lease, t.shortLifetime), true);
      await t.wait(t.shortLifetime * 0.6);
      t.same(await t.store.leases.acquire(name, 60_000, newCallId()), null);
      await t.waitUntilJustBefore(end);
      t.same(await t.store.leases.acquire(name, 60_000, newCallId()), null);
      await (t.clock ? t.waitUntil(end) : t.wait(t.shortLifetime));
      const next = await acquire(t, name);
      t.same(next.fence > lease.fence, true);
    });

    suite.test('a renewal may shorten a lease', async (t) => {
      const name = newUserId();
      const lease = await acquire(t, name, 3_600_000);
      t.same(await t.store.leases.renew(name, lease, t.shortLifetime), true);
      await t.wait(t.shortLifetime);
      await acquire(t, name);
    });

    suite.test('an expired lease cannot be renewed', async (t) => {
      const name = newUserId();
      const lease = await acquire(t, name, t.shortLifetime);
      await (t.clock ? t.clock.advance(t.shortLifetime) : t.wait(t.shortLifetime));
      t.same(await t.store.leases.renew(name, lease, 60_000), false);
      await acquire(t, name);
    });

    suite.test('a former holder can neither renew nor release the lease', async (t) => {
      const name = newUserId();
      const old = await acquire(t, name, 1);
      await t.wait(5);
      const lease = await acquire(t, name);
      t.same(await t.store.leases.renew(name, old, 60_000), false);
      await t.store.leases.release(name, old);
      t.same(await t.store.leases.acquire(name, 60_000, newCallId()), null);
      t.same(await t.store.leases.renew(name, lease, 60_000), true);
    });

    suite.test('a lease that is not held can be neither renewed nor released', async (t) => {
      const name = newUserId();
      t.same(await t.store.leases.renew(name, { fence: 1 }, 60_000), false);
      await t.store.leases.release(name, { fence: 1 });
      const lease = await acquire(t, name);
      await t.store.leases.release(name, lease);
      await t.store.leases.release(name, lease);
      t.same(await t.store.leases.renew(name, lease, 60_000), false);
    });

    suite.test('odd names are distinct', async (t) => {
      const prefix = newUserId();
      for (const text of oddTexts) await acquire(t, prefix + text);
      for (const text of oddTexts) {
        t.same(await t.store.leases.acquire(prefix + text, 60_000, newCallId()), null, text);
      }
    });
  });

const acquire = async (
  t: LeaseTrial,
  name: string,
  ttl: number = 60_000,
): Promise<{ readonly fence: number }> => {
  const lease = await t.store.leases.acquire(name, ttl, newCallId());
  if (!lease) throw new Error('the store did not grant a free lease');
  return lease;
};
