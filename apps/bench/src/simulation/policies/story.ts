import { createChance } from '../chance.ts';
import { createTimeline } from '../timeline.ts';
import { createDevice } from './device.ts';
import type { Ending, ServerFactory, Tally } from './server.ts';
import { type Loot, sendThief, type ThiefHabits } from './thief.ts';

const day = 86_400_000;
const week = 7 * day;
const login = Date.UTC(2026, 0, 5);

/** The result of one session. */
export interface Story {
  /** Why the server ended it, or null. */
  readonly ending: Ending | null;
  /** Whether the honest client was told to log in again. */
  readonly loggedOut: boolean;
  readonly mostLiveTokens: number;
  readonly tally: Tally;
}

/** Simulates a week of an honest client. */
export const honestStory = async (create: ServerFactory, seed: number): Promise<Story> => {
  const timeline = createTimeline(login);
  const server = create(timeline.now, seed);
  const device = createDevice(server, timeline, createChance(seed));
  device.start(await server.logIn());
  await timeline.run(login + week, () => device.loggedOutAt() !== null);
  return {
    ending: server.ending(),
    loggedOut: device.loggedOutAt() !== null,
    mostLiveTokens: server.mostLiveTokens(),
    tally: server.tally,
  };
};

export interface TheftStory extends Story {
  readonly loot: Loot;
  /** The time from the first use of the copy to the revocation, in ms; null if never revoked. */
  readonly noticedAfter: number | null;
}

/** Simulates the same client and a thief with a copy of its refresh token. */
export const theftStory = async (
  create: ServerFactory,
  habits: ThiefHabits,
  seed: number,
): Promise<TheftStory> => {
  const timeline = createTimeline(login);
  const server = create(timeline.now, seed);
  const chance = createChance(seed);
  const device = createDevice(server, timeline, chance);
  device.start(await server.logIn());
  const thief = createChance(~seed);
  const loot = sendThief(server, device, timeline, thief, habits, thief.between(0, week));
  // Until the absolute expiry of the session.
  await timeline.run(
    login + 30 * day,
    () => server.ending() !== null || (device.loggedOutAt() !== null && loot().firstUseAt !== null),
  );
  const ending = server.ending();
  const { firstUseAt } = loot();
  return {
    ending,
    loggedOut: device.loggedOutAt() !== null,
    mostLiveTokens: server.mostLiveTokens(),
    tally: server.tally,
    loot: loot(),
    noticedAfter: ending && firstUseAt !== null ? ending.at - firstUseAt : null,
  };
};
