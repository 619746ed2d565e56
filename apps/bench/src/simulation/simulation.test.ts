import { describe, expect, it } from 'vitest';
import { beHonest, beRobbed, firstSeeds } from './contest.ts';
import { contestants, pawl } from './contestants.ts';
import { busyThief } from './thief.ts';

const seeds = firstSeeds(12);
/** These tests work, they do not wait: a busy machine takes longer. */
const timeout = 120_000;

describe('a week of a mobile client', () => {
  it(
    'logs no honest session out',
    async () => {
      const { falselyEnded, mostLiveTokens, tally } = await beHonest(pawl.create, seeds);
      expect(falselyEnded).toBe(0);
      expect(mostLiveTokens).toBe(1);
      // The week was a hard one: replies were lost, tabs raced.
      expect(tally.replayedLate).toBeGreaterThan(0);
      expect(tally.replayed).toBeGreaterThan(seeds.length);
    },
    timeout,
  );

  it(
    'forgives what was once taken for theft',
    async () => {
      // A late replay raced by another tab; two stragglers of one generation.
      const seedsThatShowed = [60, 71, 129, 1210, 2723, 2801];
      expect((await beHonest(pawl.create, seedsThatShowed)).falselyEnded).toBe(0);
    },
    timeout,
  );

  it(
    'notices every thief',
    async () => {
      const { thieves, noticed, mostLiveTokens } = await beRobbed(pawl.create, busyThief, seeds);
      expect(thieves).toBe(seeds.length);
      expect(noticed).toBe(seeds.length);
      expect(mostLiveTokens).toBe(1);
    },
    timeout,
  );

  it(
    'tells the same story for the same seed',
    async () => {
      const first = await beHonest(pawl.create, [1]);
      expect(await beHonest(pawl.create, [1])).toEqual(first);
    },
    timeout,
  );

  it.each(contestants.filter(({ name }) => name.startsWith('model: ')))(
    'is too hard for the policy of $name',
    async ({ create }) => {
      const { falselyEnded } = await beHonest(create, seeds);
      expect(falselyEnded).toBeGreaterThan(0);
    },
    timeout,
  );
});
