import type { Store } from '@pawl/core/store';
import { newUserId } from '../fixtures/builders.ts';
import { oddJson, oddTexts } from '../fixtures/odd-text.ts';
import { byText } from '../harness/compare.ts';
import type { StoreFactory, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';
import type { Trial } from '../harness/trial.ts';

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
export const registerSingleUse = (suite: Suite<Pick<Store, 'singleUse'>>): void =>
  suite.group('single use', () => {
    suite.test('a value can be taken once, on any node', async (t) => {
      const key = newUserId();
      t.same(await t.store.singleUse.put(key, 'value', 60_000), true);
      t.same(await t.second.singleUse.take(key), 'value');
      t.same(await t.store.singleUse.take(key), null);
      t.same(await t.second.singleUse.take(key), null);
    });

    suite.test('an unknown key has no value', async (t) => {
      t.same(await t.store.singleUse.take(newUserId()), null);
      t.same(await t.store.singleUse.take('__proto__'), null);
    });

    suite.test('a second put changes neither the value nor the lifetime', async (t) => {
      const key = newUserId();
      await t.store.singleUse.put(key, 'first', t.shortLifetime);
      t.same(await t.store.singleUse.put(key, 'second', 3_600_000), false);
      await t.wait(t.shortLifetime);
      t.same(await t.store.singleUse.take(key), null);
      const other = newUserId();
      await t.store.singleUse.put(other, 'first', 60_000);
      t.same(await t.second.singleUse.put(other, 'second', 1), false);
      await t.wait(5);
      t.same(await t.store.singleUse.take(other), 'first');
    });

    suite.test('after a take the key is free', async (t) => {
      const key = newUserId();
      await t.store.singleUse.put(key, 'first', 60_000);
      await t.store.singleUse.take(key);
      t.same(await t.store.singleUse.put(key, 'second', 60_000), true);
      t.same(await t.store.singleUse.take(key), 'second');
    });

    suite.test('a value can be taken until its last millisecond', async (t) => {
      const [early, late] = [newUserId(), newUserId()];
      const end = t.now() + t.shortLifetime;
      await t.store.singleUse.put(early, 'value', t.shortLifetime);
      await t.store.singleUse.put(late, 'value', t.shortLifetime);
      await t.waitUntilJustBefore(end);
      t.same(await t.store.singleUse.take(early), 'value');
      await (t.clock ? t.waitUntil(end) : t.wait(t.shortLifetime));
      t.same(await t.store.singleUse.take(late), null);
    });

    suite.test('put replaces an expired value', async (t) => {
      const key = newUserId();
      await t.store.singleUse.put(key, 'first', t.shortLifetime);
      await t.wait(t.shortLifetime);
      t.same(await t.store.singleUse.put(key, 'second', 60_000), true);
      t.same(await t.store.singleUse.take(key), 'second');
    });

    suite.test('of 64 concurrent takes one gets the value', async (t) => {
      const key = newUserId();
      await t.store.singleUse.put(key, 'value', 60_000);
      const taken = await runAtOnce(t, (singleUse) => singleUse.take(key));
      t.same(taken.filter((value) => value === 'value').length, 1);
      t.same(taken.filter((value) => value === null).length, 63);
    });

    suite.test('of 64 concurrent puts one is stored', async (t) => {
      const key = newUserId();
      const stored = await runAtOnce(t, (singleUse, i) => singleUse.put(key, `${i}`, 60_000));
      t.same(stored.filter(Boolean).length, 1);
      t.same(await t.store.singleUse.take(key), `${stored.indexOf(true)}`);
    });

    suite.test('of 64 concurrent puts of an expired key one is stored', async (t) => {
      const key = newUserId();
      await t.store.singleUse.put(key, 'expired', 1);
      await t.wait(5);
      const stored = await runAtOnce(t, (singleUse, i) => singleUse.put(key, `${i}`, 60_000));
      t.same(stored.filter(Boolean).length, 1);
      t.same(await t.store.singleUse.take(key), `${stored.indexOf(true)}`);
    });

    suite.test('of concurrent puts and takes every stored value is taken once', async (t) => {
      const key = newUserId();
      const stored: string[] = [];
      const taken: string[] = [];
      await runAtOnce(t, async (singleUse, i) => {
        if (i % 2) {
          if (await singleUse.put(key, `${i}`, 60_000)) stored.push(`${i}`);
        } else taken.push((await singleUse.take(key)) ?? '');
      });
      taken.push((await t.store.singleUse.take(key)) ?? '');
      const values = taken.filter((value) => value !== '');
      t.same(values.toSorted(byText), stored.toSorted(byText));
    });

    suite.test('deleteExpired deletes a value one millisecond after its expiry', async (t) => {
      const [gone, kept] = [newUserId(), newUserId()];
      await t.store.singleUse.put(kept, 'kept', 10 * t.shortLifetime);
      await t.store.singleUse.put(gone, 'gone', t.shortLifetime);
      const end = t.now() + t.shortLifetime;
      await t.store.singleUse.deleteExpired();
      await t.waitUntil(end);
      const early = await t.store.singleUse.deleteExpired();
      await t.waitUntil(end + 1);
      const count = await t.store.singleUse.deleteExpired();
      if (t.clock && !suite.options.forgetsExpired) t.same([early, count], [0, 1]);
      t.same(await t.store.singleUse.take(gone), null);
      t.same(await t.store.singleUse.take(kept), 'kept');
    });

    suite.test('odd keys are distinct, and odd values are stored unchanged', async (t) => {
      const prefix = newUserId();
      for (const text of oddTexts) {
        t.same(await t.store.singleUse.put(prefix + text, text, 60_000), true, text);
      }
      for (const text of oddTexts) t.same(await t.store.singleUse.take(prefix + text), text);
      for (const value of ['', ...oddJson]) {
        await t.store.singleUse.put(prefix, value, 60_000);
        t.same(await t.store.singleUse.take(prefix), value);
      }
    });
  });

const runAtOnce = <R>(
  t: Trial<Pick<Store, 'singleUse'>>,
  call: (singleUse: Store['singleUse'], index: number) => Promise<R>,
): Promise<R[]> =>
  Promise.all(
    Array.from({ length: 64 }, (_, i) => call((i % 4 < 2 ? t.store : t.second).singleUse, i)),
  );
