import type { Store } from '@pawl/core/store';
import { describe, expect, it } from 'vitest';
import type { StoreUnderTest, SuiteOptions } from '../harness/factory.ts';
import type { TestRunner } from '../harness/runner.ts';
import { Suite } from '../harness/suite.ts';
import { registerLeases } from './leases.ts';
import { testSessionStore } from './sessions.ts';
import { testStore } from './store.ts';

/** A runner that only records the tests. */
const listRunner = (): {
  runner: TestRunner;
  names: string[];
  bodies: ((...context: unknown[]) => Promise<void>)[];
} => {
  const names: string[] = [];
  const bodies: ((...context: unknown[]) => Promise<void>)[] = [];
  const test = (name: string, body: (...context: unknown[]) => Promise<void>): void => {
    names.push(name);
    bodies.push(body);
  };
  const skip = (name: string): void => {
    names.push(`SKIP ${name}`);
  };
  const runner = { describe: (_: string, body: () => void) => body(), it: test, expect };
  return { runner: { ...runner, it: Object.assign(test, { skip }) }, names, bodies };
};

const noStore = (): StoreUnderTest => {
  throw new Error('the factory must not be called');
};

const namesWith = (options: SuiteOptions): string[] => {
  const { runner, names } = listRunner();
  testStore(runner, noStore, options);
  return names;
};

describe('skips', () => {
  it('are shown with their reasons', () => {
    const test = 'leases > of 64 concurrent calls one gets the lease';
    const names = namesWith({ skips: [{ reason: 'one node only', tests: [test] }] });
    const shown = 'SKIP of 64 concurrent calls one gets the lease (skipped: one node only)';
    // Once in its group, and once in the group of calls that are sent again.
    expect(names.filter((name) => name.startsWith('SKIP'))).toEqual([shown, shown]);
  });

  it('may name the calls that are sent again alone', () => {
    const test = 'lost reply, sent again > leases > of 64 concurrent calls one gets the lease';
    const names = namesWith({ skips: [{ reason: 'no driver does', tests: [test] }] });
    expect(names.filter((name) => name.startsWith('SKIP')).length).toBe(1);
    const all = namesWith({ skips: [{ reason: 'none', tests: ['lost reply, sent again'] }] });
    expect(all.filter((name) => name.startsWith('SKIP')).length).toBeGreaterThan(100);
  });

  it('may name a group', () => {
    const names = namesWith({ skips: [{ reason: 'has none', tests: ['api keys'] }] });
    expect(names.filter((name) => name.startsWith('SKIP')).length).toBeGreaterThan(10);
  });

  it('that match no test are an error', async () => {
    const lastOf = (register: (runner: TestRunner) => void): Promise<void> => {
      const { runner, names, bodies } = listRunner();
      register(runner);
      expect(names.at(-1)).toBe('match existing tests');
      return bodies.at(-1)?.() ?? Promise.resolve();
    };
    const renamed = { skips: [{ reason: 'was renamed', tests: ['leases > gone'] }] };
    await expect(lastOf((runner) => testStore(runner, noStore, renamed))).rejects.toThrow('gone');
    const foreign = { skips: [{ reason: 'not of this suite', tests: ['leases'] }] };
    await expect(lastOf((runner) => testSessionStore(runner, noStore, foreign))).rejects.toThrow(
      'leases',
    );
    const real = { skips: [{ reason: 'one node only', tests: ['leases'] }] };
    await lastOf((runner) => testStore(runner, noStore, real));
  });
});

describe('a test that cannot run here', () => {
  const unable = (context: unknown[]): Promise<void> => {
    const { runner, bodies } = listRunner();
    const store = {} as Store;
    const suite = new Suite(runner, () => ({ store }), {});
    suite.group('group', () => suite.test('test', async (t) => t.skip('no such part')));
    return bodies[0]?.(...context) ?? Promise.resolve();
  };

  it('is skipped by the runner', async () => {
    const reasons: string[] = [];
    await unable([{ skip: (reason: string) => reasons.push(reason) }]);
    expect(reasons).toEqual(['no such part']);
  });

  it('fails where the runner cannot skip', async () => {
    await expect(unable([])).rejects.toThrow('no such part');
  });
});

it('closes the store after each test, even after a failed one', async () => {
  const { runner, bodies } = listRunner();
  let closed = 0;
  const store = {} as Store;
  const suite = new Suite(runner, () => ({ store, close: () => void closed++ }), {});
  registerLeases(suite);
  await expect(bodies[0]?.()).rejects.toThrow('acquire');
  expect(closed).toBe(1);
});
