import type { Store } from '@pawl/core/store';
import fc from 'fast-check';
import { createTestClock, type TestClock } from './harness/clock.ts';
import type { TestRunner } from './harness/runner.ts';
import { protocolCommands } from './protocol/commands.ts';
import { honestLives, runHonestLife } from './protocol/honest.ts';
import { races, runRace } from './protocol/interleavings.ts';
import { Primary } from './protocol/primary.ts';
import { type Deployment, World } from './protocol/world.ts';

/** Two nodes on one fresh store whose clock the suite moves. */
export interface ProtocolNodes {
  readonly stores: readonly Pick<Store, 'sessions'>[];
  readonly close?: () => void | Promise<void>;
}

export interface ProtocolOptions {
  /** How many random programs are run against the oracle. Default: 300. */
  readonly programs?: number;
  /** How many random races are interleaved, and how many honest lives lived. Default: 2,000. */
  readonly interleavings?: number;
  /**
   * Whether the store's feed tells of a revocation before the revoking call
   * returns: stale checks are then raced too. Default: false.
   */
  readonly immediateFeed?: boolean;
  /** To repeat a failure. Default: another one each time. */
  readonly seed?: number;
}

/**
 * Runs the rotation protocol itself, the real core over a store: programs of
 * logins, refreshes, session cookies, replays, lost replies, restarts, key roll-overs,
 * clock steps and lost writes are compared with an oracle; races are interleaved in random
 * orders and held against the invariants; and no honest browser's session ends for a theft.
 *
 * @param nodes makes two nodes on one *empty* store, which takes its time from `clock`. It is
 *   called again within a program, for a store that has lost its last writes: the nodes that
 *   it has made before are not used any more, and closed at the end.
 */
export const testProtocol = (
  test: TestRunner,
  nodes: (clock: TestClock) => ProtocolNodes | Promise<ProtocolNodes>,
  options: ProtocolOptions = {},
): void => {
  const { programs = 300, interleavings = 2_000 } = options;
  const seed = options.seed === undefined ? {} : { seed: options.seed };

  test.describe('protocol', () => {
    test.it(
      `answers ${programs} programs as the oracle does`,
      async () => {
        const commands = fc.commands(protocolCommands(), { maxCommands: 60, size: 'max' });
        await fc.assert(
          fc.asyncProperty(deployments, commands, async (deployment, program) => {
            const clock = createTestClock();
            const opened: ProtocolNodes[] = [];
            try {
              const primary = await Primary.open(clock.now, async (now) => {
                const fresh = await nodes({ ...clock, now });
                opened.push(fresh);
                return fresh.stores.map((store) => store.sessions);
              });
              await fc.asyncModelRun(() => {
                const world = new World(deployment, primary, clock);
                return { model: { world }, real: world };
              }, program);
            } finally {
              for (const { close } of opened) await close?.();
            }
          }),
          { numRuns: programs, ...seed },
        );
      },
      600_000,
    );

    test.it(
      `keeps the invariants in ${interleavings} interleavings`,
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
          { numRuns: interleavings, ...seed },
        );
      },
      600_000,
    );

    test.it(
      `ends no honest session in ${interleavings} lives`,
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
          { numRuns: interleavings, ...seed },
        );
      },
      600_000,
    );
  });
};

/** In ms. */
const fiveMinutes = 300_000;

const deployments: fc.Arbitrary<Deployment> = fc.record({
  preset: fc.constantFrom('default' as const, 'default' as const, 'strict' as const),
  format: fc.constantFrom('opaque' as const, 'jwt' as const),
  skew: fc.constantFrom(0, fiveMinutes, -fiveMinutes),
  maxLateRun: fc.constantFrom(4, 4, 4, 3, 3, 2, 1),
});
