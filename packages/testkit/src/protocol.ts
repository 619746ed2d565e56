import type { Store } from '@pawl/core/store';
import fc from 'fast-check';
import { createTestClock, type TestClock } from './harness/clock.ts';
import type { TestRunner } from './harness/runner.ts';
import { protocolCommands } from './protocol/commands.ts';
import { honestLives, runHonestLife } from './protocol/honest.ts';
import { races, runRace } from './protocol/interleavings.ts';
import { Primary } from './protocol/primary.ts';
import { type Deployment, World } from './protocol/world.ts';

/** Two nodes on one new store whose clock the suite moves. */
export interface ProtocolNodes {
  /** The stores of the nodes, on the same data. */
  readonly stores: readonly Pick<Store, 'sessions'>[];
  /** Closes the stores. */
  readonly close?: (() => void | Promise<void>) | undefined;
}

/** Options of {@link testProtocol}. */
export interface ProtocolOptions {
  /** Number of random programs that are compared with the oracle. Default: 300. */
  readonly programs?: number | undefined;
  /** Number of random races, and of lives of honest browsers. Default: 2,000. */
  readonly interleavings?: number | undefined;
  /**
   * Whether the store's feed reports a revocation before the revoking call returns. Checks with
   * `maxStaleness` are then raced, too. Default: false.
   */
  readonly immediateFeed?: boolean | undefined;
  /** Seed of programs and races; set it to repeat a failure. Default: random. */
  readonly seed?: number | undefined;
}

/**
 * Registers tests of the rotation protocol, with the real core on a store. Random programs of logins,
 * refreshes, session cookies, replays, lost replies, restarts, key roll-overs, clock steps and lost writes
 * are compared with an oracle. Random races are run in random orders of their store calls and checked
 * against the invariants of `docs/rotation.md`. Honest browsers on a bad network must keep their sessions.
 *
 * @param test the functions of the test runner
 * @param nodes returns two nodes on one new, empty store, which takes its time from `clock`. A program may
 *   call it again, to rebuild a store that has lost its last writes. All nodes are closed at the end.
 * @example
 * testProtocol({ describe, it, expect }, (clock) => {
 *   const store = createMyStore({ clock: clock.now });
 *   return { stores: [store, store] };
 * });
 */
export const testProtocol = (
  test: TestRunner,
  nodes: (clock: TestClock) => ProtocolNodes | Promise<ProtocolNodes>,
  options: ProtocolOptions = {},
): void => {
  const { programs = 300, interleavings = 2_000 } = options;
  // On a slow machine there are fewer runs, because each test must end before the runner ends it.
  const limits = {
    interruptAfterTimeLimit: timeout - 60_000,
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  };

  test.describe('protocol', () => {
    test.it(
      `${programs} random programs have the results of the oracle`,
      async () => {
        const commands = fc.commands(protocolCommands(), { maxCommands: 60, size: 'max' });
        await fc.assert(
          fc.asyncProperty(deployments, commands, async (deployment, program) => {
            const clock = createTestClock();
            const opened: ProtocolNodes[] = [];
            try {
              const primary = await Primary.open(clock.now, async (now) => {
                const created = await nodes({ ...clock, now });
                opened.push(created);
                return created.stores.map((store) => store.sessions);
              });
              await fc.asyncModelRun(() => {
                const world = new World(deployment, primary, clock);
                return { model: { world }, real: world };
              }, program);
            } finally {
              for (const { close } of opened) await close?.();
            }
          }),
          { numRuns: programs, ...limits },
        );
      },
      timeout,
    );

    test.it(
      `${interleavings} random interleavings keep the invariants`,
      async () => {
        await fc.assert(
          fc.asyncProperty(
            races(options.immediateFeed ?? false),
            fc.scheduler(),
            async (race, scheduler) => {
              const clock = createTestClock();
              const { stores, close } = await nodes(clock);
              try {
                const sessions = stores.map((store) => store.sessions);
                await runRace(race, scheduler, sessions, clock);
              } finally {
                await close?.();
              }
            },
          ),
          { numRuns: interleavings, ...limits },
        );
      },
      timeout,
    );

    test.it(
      `${interleavings} honest browsers keep their sessions`,
      async () => {
        await fc.assert(
          fc.asyncProperty(honestLives, fc.scheduler(), async (life, scheduler) => {
            const clock = createTestClock();
            const { stores, close } = await nodes(clock);
            try {
              const sessions = stores.map((store) => store.sessions);
              await runHonestLife(life, scheduler, sessions, clock);
            } finally {
              await close?.();
            }
          }),
          { numRuns: interleavings, ...limits },
        );
      },
      timeout,
    );
  });
};

/** In ms: the time limit of each test. */
const timeout = 600_000;
/** In ms. */
const fiveMinutes = 300_000;

const deployments: fc.Arbitrary<Deployment> = fc.record({
  preset: fc.constantFrom('default' as const, 'default' as const, 'strict' as const),
  format: fc.constantFrom('opaque' as const, 'jwt' as const),
  skew: fc.constantFrom(0, fiveMinutes, -fiveMinutes),
  maxLateRun: fc.constantFrom(4, 4, 4, 3, 3, 2, 1),
});
