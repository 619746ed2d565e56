import type { Chance } from './chance.ts';
import type { Grant, Server } from './server.ts';
import type { Timeline } from './timeline.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How a device and its network behave. Durations in ms. */
const habits = {
  /** Which share of devices has one, two, three, four tabs open. */
  tabShares: [0.4, 0.3, 0.2, 0.1],
  /** How long it is in use at a time, on average. */
  meanSpell: 30 * minute,
  /** How long it is away: from minutes to hours, evenly over the magnitudes. */
  absence: [2 * minute, 10 * hour],
  /** All tabs wake up at once, give or take. */
  wakeSpread: 1.5 * second,
  /** Between two API calls of the tab in front, and of each other one, on average. */
  meanPauseInFront: 2 * minute,
  meanPauseBehind: 6 * minute,
  /** One way. */
  medianDelay: 80,
  delaySigma: 0.8,
  /** A request, or its reply, that hangs in the network for longer. */
  stall: 0.01,
  stallTime: [1 * second, 30 * second],
  /** After so long a tab takes a reply no more. */
  timeout: 30 * second,
  /** The request never reached the server. */
  lostRequest: 0.005,
  /** The server has done it, and the reply never reached the device. */
  lostReply: 0.005,
  /** After a loss: tried again in a while, or only after the next absence. */
  retrySoon: 0.5,
  retryPause: [1 * second, 20 * second],
  /** How long a tab waits when it is told to retry. */
  retryAnswerPause: [0.5 * second, 2 * second],
  /** A reply that comes after the device was put away reaches the jar all the same. */
  takenAsleep: 0.5,
} as const;

/** A device of an honest user: several tabs that share one cookie jar. */
export interface Device {
  /** What the jar holds now. */
  readonly jar: () => Grant;
  /** When the server told it to log in again, or null. */
  readonly loggedOutAt: () => number | null;
  readonly start: (first: Grant) => void;
}

/** Everything that happens on the device, from the login until it is logged out. */
export const createDevice = (server: Server, timeline: Timeline, chance: Chance): Device => {
  const { now, after } = timeline;
  let jar: Grant;
  let loggedOutAt: number | null = null;
  /** Counts the spells of use; what was planned in an earlier one does not happen. */
  let spell = 0;
  let awake = false;
  const refreshing = new Set<number>();

  const delay = (): number =>
    chance.logNormal(habits.medianDelay, habits.delaySigma) +
    (chance.happens(habits.stall) ? chance.between(...habits.stallTime) : 0);

  const inThisSpell = (act: () => void): (() => void) => {
    const planned = spell;
    return () => {
      if (awake && spell === planned && loggedOutAt === null) act();
    };
  };

  const putAway = (): void => {
    if (!awake) return;
    awake = false;
    after(chance.logBetween(...habits.absence), wake);
  };

  const wake = (): void => {
    if (loggedOutAt !== null) return;
    awake = true;
    spell++;
    for (let tab = 0; tab < tabs; tab++) {
      after(
        chance.between(0, habits.wakeSpread),
        inThisSpell(() => call(tab, true)),
      );
    }
    after(chance.exponential(habits.meanSpell), inThisSpell(putAway));
  };

  const callAgainLater = (tab: number): void => {
    const mean = tab === 0 ? habits.meanPauseInFront : habits.meanPauseBehind;
    after(
      chance.exponential(mean),
      inThisSpell(() => call(tab, true)),
    );
  };

  /** An API call, after a refresh if the access token is over. */
  const call = (tab: number, goesOn: boolean): void => {
    if (goesOn) callAgainLater(tab);
    if (refreshing.has(tab)) return;
    const { accessToken, accessTokenExpiresAt } = jar;
    if (now() >= accessTokenExpiresAt) return refresh(tab);
    if (chance.happens(habits.lostRequest)) return;
    after(delay(), async () => {
      const accepted = await server.use(accessToken);
      if (!accepted)
        after(
          delay(),
          inThisSpell(() => refuseCall(tab, accessToken)),
        );
    });
  };

  /** A refused access token: another tab has a newer one by now, or it is time for one. */
  const refuseCall = (tab: number, accessToken: string): void => {
    if (jar.accessToken !== accessToken) call(tab, false);
    else if (!refreshing.has(tab)) refresh(tab);
  };

  /** Sends what the jar holds now; until the reply comes, another tab may do the same. */
  const refresh = (tab: number): void => {
    const { refreshToken } = jar;
    const sentAt = now();
    refreshing.add(tab);
    if (chance.happens(habits.lostRequest)) return lose(tab, sentAt);
    after(delay(), async () => {
      const answer = await server.refresh(refreshToken);
      const back = delay();
      if (chance.happens(habits.lostReply) || now() + back > sentAt + habits.timeout) {
        return lose(tab, sentAt);
      }
      after(back, () => {
        refreshing.delete(tab);
        if (loggedOutAt !== null) return;
        if (answer === 'refused') loggedOutAt = now();
        else if (answer === 'retry') {
          after(
            chance.between(...habits.retryAnswerPause),
            inThisSpell(() => call(tab, false)),
          );
        } else if (awake || chance.happens(habits.takenAsleep)) {
          jar = answer;
          // The call that it was for.
          inThisSpell(() => call(tab, false))();
        }
      });
    });
  };

  /** The tab notices in the end. Whoever tries again takes what the jar holds then. */
  const lose = (tab: number, sentAt: number): void => {
    const noticed = Math.max(now(), sentAt + chance.between(1 * second, habits.timeout));
    after(noticed - now(), () => {
      refreshing.delete(tab);
      if (chance.happens(habits.retrySoon)) {
        after(
          chance.between(...habits.retryPause),
          inThisSpell(() => call(tab, false)),
        );
      } else putAway();
    });
  };

  const tabs = 1 + indexOfShare(habits.tabShares, chance.unit());
  return {
    jar: () => jar,
    loggedOutAt: () => loggedOutAt,
    start: (first) => {
      jar = first;
      wake();
    },
  };
};

const indexOfShare = (shares: readonly number[], unit: number): number => {
  let sum = 0;
  const index = shares.findIndex((share) => {
    sum += share;
    return unit < sum;
  });
  return index === -1 ? shares.length - 1 : index;
};
