import { describe, expect, it } from 'vitest';
import { firstSeeds, simulateHonest, simulateThefts } from './contest.ts';
import { contestants, pawl } from './contestants.ts';
import { busyThief } from './thief.ts';

const seeds = firstSeeds(12);
/** These tests compute rather than wait, so a busy machine takes longer. */
const timeout = 120_000;

describe('a week of a mobile client', () => {
  it(
    'logs no honest session out',
    async () => {
      const { falselyEnded, mostLiveTokens, tally } = await simulateHonest(pawl.create, seeds);
      expect(falselyEnded).toBe(0);
      expect(mostLiveTokens).toBe(1);
      // The week was difficult: replies were lost, tabs raced.
      expect(tally.replayedLate).toBeGreaterThan(0);
      expect(tally.replayed).toBeGreaterThan(seeds.length);
    },
    timeout,
  );

  it(
    'logs out none of the sessions that an earlier protocol took for theft',
    async () => {
      // A late replay raced by another tab; two stragglers of one generation.
      const seedsThatShowed = [60, 71, 129, 1210, 2723, 2801];
      expect((await simulateHonest(pawl.create, seedsThatShowed)).falselyEnded).toBe(0);
    },
    timeout,
  );

  it(
    'notices every thief',
    async () => {
      const { thieves, noticed, mostLiveTokens } = await simulateThefts(
        pawl.create,
        busyThief,
        seeds,
      );
      expect(thieves).toBe(seeds.length);
      expect(noticed).toBe(seeds.length);
      expect(mostLiveTokens).toBe(1);
    },
    timeout,
  );

  it(
    'has the same result for the same seed',
    async () => {
      const first = await simulateHonest(pawl.create, [1]);
      expect(await simulateHonest(pawl.create, [1])).toEqual(first);
    },
    timeout,
  );

  it.each(contestants.filter(({ name }) => name.startsWith('model: ')))(
    'logs honest sessions out under the policy $name',
    async ({ create }) => {
      const { falselyEnded } = await simulateHonest(create, seeds);
      expect(falselyEnded).toBeGreaterThan(0);
    },
    timeout,
  );
});
