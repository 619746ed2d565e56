import type { Store } from '@pawl/core/store';
import { newCallId, newUserId } from '../fixtures/builders.ts';
import { oddJson, oddTexts } from '../fixtures/odd-text.ts';
import { byText } from '../harness/compare.ts';
import type { StoreFactory, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';
import type { Trial } from '../harness/trial.ts';
import { registerSingleUseOutage } from './outages.ts';
import { registerSingleUseSentAgain } from './sent-again/single-use.ts';
import { registerSingleUseSizes } from './sizes.ts';

/**
 * Registers the contract of `SingleUseStore` with the test runner.
 *
 * @param test the functions of the runner
 * @param factory returns a new store for each test
 * @example
 * testSingleUseStore({ describe, it, expect }, () => {
 *   const clock = createTestClock();
 *   return { store: createMyStore({ clock: clock.now }), clock };
 * });
 */
export const testSingleUseStore = (
  test: TestRunner,
  factory: StoreFactory<Pick<Store, 'singleUse'>>,
  options: SuiteOptions = {},
): void => {
  const suite = new Suite(test, factory, options);
  registerSingleUse(suite);
  suite.finish();
};

/** Registers the tests of `SingleUseStore` with a suite. */
export const registerSingleUse = (suite: Suite<Pick<Store, 'singleUse'>>): void => {
  groupSingleUse(suite);
  suite.sendTwice(groupSingleUse);
  groupRaces(suite);
  registerSingleUseSentAgain(suite);
  registerSingleUseSizes(suite);
  registerSingleUseOutage(suite);
};

const groupSingleUse = (suite: Suite<Pick<Store, 'singleUse'>>): void =>
  suite.group('single use', () => {
    suite.test('a value can be taken once, on any node', async (t) => {
      const key = newUserId();
      t.same(await t.store.singleUse.put(key, 'value', 60_000, newCallId()), true);
      t.same(await t.second.singleUse.take(key, newCallId()), 'value');
      t.same(await t.store.singleUse.take(key, newCallId()), null);
      t.same(await t.second.singleUse.take(key, newCallId()), null);
    });

    suite.test('an unknown key has no value', async (t) => {
      t.same(await t.store.singleUse.take(newUserId(), newCallId()), null);
      t.same(await t.store.singleUse.take('__proto__', newCallId()), null);
    });

    suite.test('a second put changes neither the value nor the lifetime', async (t) => {
      const key = newUserId();
      await t.store.singleUse.put(key, 'first', t.shortLifetime, newCallId());
      t.same(await t.store.singleUse.put(key, 'second', 3_600_000, newCallId()), false);
      await t.wait(t.shortLifetime);
      t.same(await t.store.singleUse.take(key, newCallId()), null);
      const other = newUserId();
      await t.store.singleUse.put(other, 'first', 60_000, newCallId());
      t.same(await t.second.singleUse.put(other, 'second', 1, newCallId()), false);
      await t.wait(5);
      t.same(await t.store.singleUse.take(other, newCallId()), 'first');
    });

    suite.test('after a take the key is free', async (t) => {
      const key = newUserId();
      await t.store.singleUse.put(key, 'first', 60_000, newCallId());
      await t.store.singleUse.take(key, newCallId());
      t.same(await t.store.singleUse.put(key, 'second', 60_000, newCallId()), true);
      t.same(await t.store.singleUse.take(key, newCallId()), 'second');
    });

    suite.test('a value can be taken until its last millisecond', async (t) => {
      const [early, late] = [newUserId(), newUserId()];
      const end = t.now() + t.shortLifetime;
      await t.store.singleUse.put(early, 'value', t.shortLifetime, newCallId());
      await t.store.singleUse.put(late, 'value', t.shortLifetime, newCallId());
      await t.waitUntilJustBefore(end);
      t.same(await t.store.singleUse.take(early, newCallId()), 'value');
      await (t.clock ? t.waitUntil(end) : t.wait(t.shortLifetime));
      t.same(await t.store.singleUse.take(late, newCallId()), null);
    });

    suite.test('put replaces an expired value', async (t) => {
      const key = newUserId();
      await t.store.singleUse.put(key, 'first', t.shortLifetime, newCallId());
      await t.wait(t.shortLifetime);
      t.same(await t.store.singleUse.put(key, 'second', 60_000, newCallId()), true);
      t.same(await t.store.singleUse.take(key, newCallId()), 'second');
    });

    suite.test('of 64 concurrent takes one gets the value', async (t) => {
      const key = newUserId();
      await t.store.singleUse.put(key, 'value', 60_000, newCallId());
      const taken = await runAtOnce(t, (singleUse) => singleUse.take(key, newCallId()));
      t.same(taken.filter((value) => value === 'value').length, 1);
      t.same(taken.filter((value) => value === null).length, 63);
    });

    suite.test('of 64 concurrent puts one is stored', async (t) => {
      const key = newUserId();
      const stored = await runAtOnce(t, (singleUse, i) =>
        singleUse.put(key, `${i}`, 60_000, newCallId()),
      );
      t.same(stored.filter(Boolean).length, 1);
      t.same(await t.store.singleUse.take(key, newCallId()), `${stored.indexOf(true)}`);
    });

    suite.test('of 64 concurrent puts of an expired key one is stored', async (t) => {
      const key = newUserId();
      await t.store.singleUse.put(key, 'expired', 1, newCallId());
      await t.wait(5);
      const stored = await runAtOnce(t, (singleUse, i) =>
        singleUse.put(key, `${i}`, 60_000, newCallId()),
      );
      t.same(stored.filter(Boolean).length, 1);
      t.same(await t.store.singleUse.take(key, newCallId()), `${stored.indexOf(true)}`);
    });

    suite.test('deleteExpired deletes a value one millisecond after its expiry', async (t) => {
      const [gone, kept] = [newUserId(), newUserId()];
      await t.store.singleUse.put(kept, 'kept', 10 * t.shortLifetime, newCallId());
      await t.store.singleUse.put(gone, 'gone', t.shortLifetime, newCallId());
      const end = t.now() + t.shortLifetime;
      await t.waitUntilJustBefore(end);
      await t.store.singleUse.deleteExpired();
      await t.waitUntil(end);
      const early = await t.store.singleUse.deleteExpired();
      await t.waitUntil(end + 1);
      const count = await t.store.singleUse.deleteExpired();
      if (t.countsSweeps) t.same([early, count], [0, 1]);
      t.same(await t.store.singleUse.take(gone, newCallId()), null);
      t.same(await t.store.singleUse.take(kept, newCallId()), 'kept');
    });

    suite.test('odd keys are distinct, and odd values are stored unchanged', async (t) => {
      const prefix = newUserId();
      for (const text of oddTexts) {
        t.same(await t.store.singleUse.put(prefix + text, text, 60_000, newCallId()), true, text);
      }
      for (const text of oddTexts)
        t.same(await t.store.singleUse.take(prefix + text, newCallId()), text);
      for (const value of ['', ...oddJson]) {
        await t.store.singleUse.put(prefix, value, 60_000, newCallId());
        t.same(await t.store.singleUse.take(prefix, newCallId()), value);
      }
    });
  });

/**
 * Not with each call sent twice: a call is only known until another call puts the key again, so
 * among concurrent puts and takes of others it may take effect again.
 */
const groupRaces = (suite: Suite<Pick<Store, 'singleUse'>>): void =>
  suite.group('single use races', () => {
    suite.test('of concurrent puts and takes every stored value is taken once', async (t) => {
      const key = newUserId();
      const stored: string[] = [];
      const taken: string[] = [];
      await runAtOnce(t, async (singleUse, i) => {
        if (i % 2) {
          if (await singleUse.put(key, `${i}`, 60_000, newCallId())) stored.push(`${i}`);
        } else taken.push((await singleUse.take(key, newCallId())) ?? '');
      });
      taken.push((await t.store.singleUse.take(key, newCallId())) ?? '');
      const all = taken.filter((value) => value !== '');
      t.same(all.toSorted(byText), stored.toSorted(byText));
    });
  });

const runAtOnce = <R>(
  t: Trial<Pick<Store, 'singleUse'>>,
  call: (singleUse: Store['singleUse'], index: number) => Promise<R>,
): Promise<R[]> =>
  Promise.all(
    Array.from({ length: 64 }, (_, i) => call((i % 4 < 2 ? t.store : t.second).singleUse, i)),
  );
