import type { Store } from '@pawl/core/store';
import fc from 'fast-check';
import { createTestClock, type TestClock } from './harness/clock.ts';
import type { TestRunner } from './harness/runner.ts';
import { protocolCommands } from './protocol/commands.ts';
import { races, runRace } from './protocol/interleavings.ts';
import { type Deployment, World } from './protocol/world.ts';

/** Two nodes on one fresh store whose clock the suite moves. */
export interface ProtocolNodes {
  readonly stores: readonly Pick<Store, 'sessions'>[];
  readonly close?: () => void | Promise<void>;
}

export interface ProtocolOptions {
  /** How many random programs are run against the oracle. Default: 300. */
  readonly programs?: number;
  /** How many random races are interleaved. Default: 2,000. */
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
 * logins, refreshes, replays, lost replies, restarts, key roll-overs and clock
 * steps are compared with an oracle, and races are interleaved in random orders
 * and held against the invariants.
 *
 * @param nodes makes two nodes on one store, which takes its time from `clock`
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
            const { stores, close } = await nodes(clock);
            try {
              const sessions = stores.map((store) => store.sessions);
              await fc.asyncModelRun(() => {
                const world = new World(deployment, sessions, clock);
                return { model: { world }, real: world };
              }, program);
            } finally {
              await close?.();
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
  });
};

/** In ms. */
const fiveMinutes = 300_000;

const deployments: fc.Arbitrary<Deployment> = fc.record({
  preset: fc.constantFrom('default' as const, 'default' as const, 'strict' as const),
  format: fc.constantFrom('opaque' as const, 'jwt' as const),
  skew: fc.constantFrom(0, fiveMinutes, -fiveMinutes),
});
