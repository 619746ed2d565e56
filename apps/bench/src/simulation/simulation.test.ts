import { describe, expect, it } from 'vitest';
import { lead } from './thieves/lead.ts';
import { type Thief, thieves } from './thieves/thieves.ts';
import { checkHonest, checkThefts } from './trials/claims.ts';
import { tryHonest } from './trials/honest.ts';
import { seedsFrom } from './trials/seeds.ts';
import { cookie, pair } from './trials/settings.ts';
import type { Setting } from './trials/story.ts';
import { tryThefts } from './trials/theft.ts';

/** These tests compute rather than wait, so a busy machine takes longer. */
const timeout = 300_000;

describe.each([cookie(), pair()])('under $name', (setting: Setting) => {
  it(
    'no honest session of a hundred weeks ends',
    async () => {
      const trial = await tryHonest({ setting, seeds: seedsFrom(1, 100) });
      expect(checkHonest(trial)).toEqual([]);
      // The weeks were difficult: replies were lost, tabs raced.
      expect(trial.all.tally.rotated).toBeGreaterThan(10_000);
      expect(trial.all.tally.late).toBeGreaterThan(50);
      expect(trial.all.tally.replayed).toBeGreaterThan(500);
    },
    timeout,
  );

  it.each(thieves)(
    'a thief who $name is noticed, or is one of those who may stay',
    async (thief) => {
      // A median needs more of them.
      const count = thief.leads ? 40 : 8;
      const trial = await tryThefts({ setting, thief, seeds: seedsFrom(1, count) });
      expect(trial.thefts).toHaveLength(count);
      expect(checkThefts(setting, thief, trial)).toEqual([]);
    },
    timeout,
  );
});

describe('the simulation itself', () => {
  it(
    'has the same result for the same seed',
    async () => {
      const options = { setting: cookie(), seeds: seedsFrom(7, 1) };
      expect(await tryHonest(options)).toEqual(await tryHonest(options));
    },
    timeout,
  );

  it(
    'has the same result where it asks the real code about every single request',
    async () => {
      const setting = cookie();
      const seeds = seedsFrom(20, 2);
      const thorough = await tryHonest({ setting: { ...setting, isThorough: true }, seeds });
      expect(await tryHonest({ setting, seeds })).toEqual(thorough);
    },
    timeout,
  );
});

const sightedLeader: Thief = {
  name: 'leads',
  strategy: lead({ isSighted: true, alternates: false }),
  leads: true,
};

describe('a protocol that is broken on purpose is reported:', () => {
  it.each([cookie(), pair()])(
    'late runs that never count, under $name',
    async (whole) => {
      const setting: Setting = {
        ...whole,
        sabotage: (store) => ({
          rotate: (input) =>
            store.rotate({
              ...input,
              policy: { ...input.policy, maxLateRun: Number.MAX_SAFE_INTEGER },
            }),
        }),
      };
      const seeds = seedsFrom(1, 4);
      const trial = await tryThefts({ setting, thief: sightedLeader, seeds });
      const failures = checkThefts(setting, sightedLeader, trial);
      expect(failures).toContain('late replays in 4 generations in a row went on');
    },
    timeout,
  );

  it(
    'a predecessor that is served after the confirmation of its successor',
    async () => {
      const setting: Setting = {
        ...cookie(),
        sabotage: (store) => ({
          find: async (sessionId, activity) => {
            const found = await store.find(sessionId, activity);
            return found && { ...found, record: { ...found.record, confirmed: false } };
          },
        }),
      };
      const trial = await tryHonest({ setting, seeds: seedsFrom(1, 5) });
      expect(checkHonest(trial)).toContain(
        'a consumed token was exchanged although its successor was in use',
      );
    },
    timeout,
  );

  it.each([cookie(), pair()])(
    'late replays that are taken for theft, under $name',
    async (whole) => {
      const setting: Setting = {
        ...whole,
        sabotage: (store) => ({
          rotate: (input) =>
            store.rotate({ ...input, policy: { ...input.policy, maxUnconfirmedReplays: 0 } }),
        }),
      };
      const trial = await tryHonest({ setting, seeds: seedsFrom(1, 8) });
      expect(checkHonest(trial).join()).toContain('honest sessions ended');
    },
    timeout,
  );
});
