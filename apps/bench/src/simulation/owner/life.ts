import type { Chance } from '../chance.ts';
import type { Timeline } from '../timeline.ts';
import { createDays } from './day.ts';
import type { OwnerHabits } from './habits.ts';

/** How a spell of use ended: what was under way is only lost if the browser was ended with it. */
export type PutAway = 'away' | 'killed' | 'crashed';

/** When a device is in use. */
export interface Life {
  readonly isAwake: () => boolean;
  /** Counts the spells of use. */
  readonly spell: () => number;
  /** Whether everything that was under way in that spell was lost with the browser. */
  readonly wasKilledIn: (spell: number) => boolean;
  /** Makes an action that happens only in this spell. */
  readonly inThisSpell: (act: () => void) => () => void;
  readonly putAway: () => void;
  readonly start: () => void;
  /** Nothing happens any more. */
  readonly end: () => void;
}

export interface LifeEvents {
  readonly woke: () => void;
  readonly crashed: () => void;
}

/** In ms: how soon a browser is started again after a crash. */
const restart = [5_000, 60_000] as const;

/**
 * Simulates the use of a device from now on: spells, absences and nights.
 * `meanUntilCrash`: the average time of use between two crashes, in ms; Infinity: none.
 */
export const createLife = (
  { now, after, at }: Timeline,
  chance: Chance,
  habits: OwnerHabits,
  { woke, crashed }: LifeEvents,
  meanUntilCrash: number,
): Life => {
  const days = createDays(chance);
  let spell = 0;
  let awake = false;
  let over = false;
  let lastKilled = 0;

  const inThisSpell = (act: () => void): (() => void) => {
    const planned = spell;
    return () => {
      if (awake && spell === planned) act();
    };
  };

  const wake = (): void => {
    if (over) return;
    awake = true;
    spell++;
    woke();
    const use = chance.exponential(habits.meanSpell);
    const left = days.bedtime(now()) - now();
    const untilCrash = chance.exponential(meanUntilCrash);
    if (untilCrash < Math.min(use, left)) {
      after(
        untilCrash,
        inThisSpell(() => leave('crashed')),
      );
    } else after(Math.min(use, left), inThisSpell(putAway));
  };

  const leave = (how: PutAway): void => {
    awake = false;
    if (how !== 'away') lastKilled = spell;
    if (how === 'crashed') crashed();
    const pause = how === 'crashed' ? restart : habits.absence;
    at(days.nextAwake(now() + chance.logBetween(...pause)), wake);
  };

  const putAway = (): void => {
    if (awake) leave(chance.happens(habits.killed) ? 'killed' : 'away');
  };

  return {
    isAwake: () => awake,
    spell: () => spell,
    wasKilledIn: (one) => one <= lastKilled,
    inThisSpell,
    putAway,
    start: () => at(days.nextAwake(now()), wake),
    end: () => {
      over = true;
      awake = false;
    },
  };
};
