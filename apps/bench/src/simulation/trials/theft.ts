import { presets } from '@pawl/core';
import { createChance } from '../chance.ts';
import { createCookieHand } from '../thieves/cookie-hand.ts';
import { emptyLoot, type Hand, type Loot } from '../thieves/hand.ts';
import { createPairHand } from '../thieves/pair-hand.ts';
import type { Thief } from '../thieves/thieves.ts';
import { type Door, login, openScene, type Setting } from './story.ts';

const second = 1_000;
const minute = 60 * second;
const day = 86_400_000;

/** One theft, from the first use of the copy. Durations in ms. */
export interface Theft {
  readonly seed: number;
  /** Whether and how he was noticed, or why not. */
  readonly end: 'late_run' | 'consumed' | 'older' | 'fell_behind' | 'unnoticed';
  /** From the first use until the session ended as stolen; null: it never did. */
  readonly noticedAfter: number | null;
  /** From the first to the last request of his that was accepted. */
  readonly access: number;
  readonly accepted: number;
}

export interface TheftTrial {
  readonly thefts: readonly Theft[];
  /** The promises of the protocol that were broken. */
  readonly broken: readonly string[];
}

export interface TheftOptions {
  readonly setting: Setting;
  readonly thief: Thief;
  readonly seeds: Iterable<number>;
}

/** Simulates thefts. A thief counts if the session was alive when he first used his copy. */
export const tryThefts = async ({ setting, thief, seeds }: TheftOptions): Promise<TheftTrial> => {
  const thefts: Theft[] = [];
  const broken = new Set<string>();
  for (const seed of seeds) {
    const story = await theftStory(setting, thief, seed);
    if (story.theft) thefts.push(story.theft);
    for (const each of story.broken) broken.add(each);
  }
  return { thefts, broken: [...broken] };
};

const theftStory = async (
  setting: Setting,
  { strategy, wait: [least, most] = [second, 60 * second] }: Thief,
  seed: number,
): Promise<{ readonly theft: Theft | null; readonly broken: readonly string[] }> => {
  const { timeline, watch, sight, door, loggedOutAt } = await openScene({ setting, seed });
  const { idleTimeout, absoluteTimeout } = presets[setting.preset ?? 'default'];
  const chance = createChance(~seed);
  const loot = emptyLoot();
  let hasGivenUp = false;
  const giveUp = (): void => {
    hasGivenUp = true;
  };
  const steal = (): void => {
    // A jar is read on a device that is in use.
    if (!sight.isOnline() && loggedOutAt() === null) return timeline.after(minute, steal);
    const hand = createHand(door, timeline.now, loot);
    timeline.after(chance.logBetween(least, Math.min(most, idleTimeout / 2)), () => {
      if (watch.ending() === null && loggedOutAt() === null) {
        strategy({ timeline, chance, hand, sight, giveUp });
      }
    });
  };
  timeline.after(chance.between(0, Math.min(7 * day, idleTimeout / 2)), steal);
  const isOver = (): boolean =>
    watch.ending() !== null ||
    hasGivenUp ||
    loot.lastReply === 'out' ||
    loot.lastReply === 'expired' ||
    (loggedOutAt() !== null && loot.firstUseAt === null);
  await timeline.run(login + absoluteTimeout, isOver);
  return { theft: theftOf(seed, loot, watch.ending()), broken: watch.broken() };
};

const createHand = (door: Door, now: () => number, loot: Loot): Hand =>
  door.kind === 'cookie'
    ? createCookieHand(door.server, now, loot, door.copy())
    : createPairHand(door.server, now, loot, door.copy());

const theftOf = (
  seed: number,
  { firstUseAt, firstAcceptedAt, lastAcceptedAt, accepted, lastReply }: Loot,
  ending: { readonly at: number; readonly cause: Theft['end'] | null } | null,
): Theft | null => {
  if (firstUseAt === null) return null;
  const isBehind = lastReply === 'retry' || lastReply === 'out';
  return {
    seed,
    end: ending?.cause ?? (isBehind ? 'fell_behind' : 'unnoticed'),
    noticedAfter: ending ? ending.at - firstUseAt : null,
    access: (lastAcceptedAt ?? 0) - (firstAcceptedAt ?? 0),
    accepted,
  };
};
