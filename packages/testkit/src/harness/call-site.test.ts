import { deepStrictEqual } from 'node:assert';
import type { Store } from '@pawl/core/store';
import { describe, expect, it } from 'vitest';
import { collectTests } from './collect.ts';
import type { TestRunner } from './runner.ts';
import { Suite } from './suite.ts';
import type { Trial } from './trial.ts';

/** As one that is built on `node:assert`. */
const onAssert: TestRunner['expect'] = (actual) => ({
  toBe: (expected) => deepStrictEqual(actual, expected),
  toEqual: (expected) => deepStrictEqual(actual, expected),
});

/** As Jest's, it has one parameter. */
const strict: TestRunner['expect'] = (...args) => {
  if (args.length > 1) throw new Error('Expect takes at most one argument.');
  return onAssert(args[0]);
};

type LeaseTrial = Trial<Pick<Store, 'leases'>>;

const checks: [string, (t: LeaseTrial) => unknown][] = [
  ['same', (t) => t.same('actual', 'expected', 'a message')],
  ['throws', (t) => t.throws(async () => null, 'ERR_INPUT_INVALID', 'a message')],
  ['between', (t) => t.between(100, 2, 3, 'a message')],
];

describe.each<[string, TestRunner['expect']]>([
  ['Vitest', expect],
  ['Jest', strict],
  ['node:assert', onAssert],
])('a failure with the expect of %s', (_name, runnerExpect) => {
  it.each(checks)('of %s names the verb and points at the test', async (_check, check) => {
    const leases = { acquire: async () => null } as unknown as Store['leases'];
    const [test] = collectTests((runner) => {
      const suite = new Suite<Pick<Store, 'leases'>>(runner, () => ({ store: { leases } }), {});
      suite.group('group', () =>
        suite.test('test', async (t) => {
          await t.store.leases.acquire('name', 1, new Uint8Array(16));
          await check(t);
        }),
      );
    }, runnerExpect);
    const failure = await test?.run({}).then(
      () => null,
      (error: Error) => error,
    );
    expect(failure?.message).toMatch(/^a message, after leases\.acquire: /);
    const [frame] = failure?.stack?.match(/^\s+at .*$/m) ?? [];
    expect(frame).toContain('call-site.test.ts');
  });
});
