import type { Chance } from '../chance.ts';
import type { Timeline } from '../timeline.ts';
import type { Grant, Server } from './server.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** How a device and its network behave. Durations in ms. */
const habits = {
  /** The shares of devices with one, two, three and four open tabs. */
  tabShares: [0.4, 0.3, 0.2, 0.1],
  /** The average duration of use. */
  meanSpell: 30 * minute,
  /** The duration of absence, uniform over the orders of magnitude. */
  absence: [2 * minute, 10 * hour],
  /** The maximum delay with which a tab wakes up. */
  wakeSpread: 1.5 * second,
  /** The average time between two API calls of the front tab, and of each other tab. */
  meanPauseInFront: 2 * minute,
  meanPauseBehind: 6 * minute,
  /** The delay in one direction. */
  medianDelay: 80,
  delaySigma: 0.8,
  /** The share of requests and replies that take longer, and how much longer. */
  stall: 0.01,
  stallTime: [1 * second, 30 * second],
  /** After this time a tab ignores a reply. */
  timeout: 30 * second,
  /** The share of requests that do not reach the server. */
  lostRequest: 0.005,
  /** The share of replies that do not reach the device. */
  lostReply: 0.005,
  /** The probability of a retry after a pause; otherwise only after the next absence. */
  retrySoon: 0.5,
  retryPause: [1 * second, 20 * second],
  /** How long a tab waits when it is told to retry. */
  toldToRetryPause: [0.5 * second, 2 * second],
  /** The probability that a reply is stored in the cookie jar although the device was put away. */
  acceptedAsleep: 0.5,
} as const;

/** A device of an honest user: several tabs that share one cookie jar. */
export interface Device {
  /** The tokens that the cookie jar holds now. */
  readonly jar: () => Grant;
  /** When the server told it to log in again, or null. */
  readonly loggedOutAt: () => number | null;
  readonly start: (first: Grant) => void;
}

/** Simulates a device, from the login until it is logged out. */
export const createDevice = (server: Server, timeline: Timeline, chance: Chance): Device => {
  const { now, after } = timeline;
  let jar: Grant;
  let loggedOutAt: number | null = null;
  /** Counts the spells of use. Actions that were planned in an earlier spell do not happen. */
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

  /** An API call, after a refresh if the access token has expired. */
  const call = (tab: number, repeats: boolean): void => {
    if (repeats) callAgainLater(tab);
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

  /** After a refused access token: uses the newer one of another tab, or refreshes. */
  const refuseCall = (tab: number, accessToken: string): void => {
    if (jar.accessToken !== accessToken) call(tab, false);
    else if (!refreshing.has(tab)) refresh(tab);
  };

  /** Sends the refresh token in the jar. Another tab may do the same until the reply arrives. */
  const refresh = (tab: number): void => {
    const { refreshToken } = jar;
    const sentAt = now();
    refreshing.add(tab);
    if (chance.happens(habits.lostRequest)) return lose(tab, sentAt);
    after(delay(), async () => {
      const reply = await server.refresh(refreshToken);
      const back = delay();
      if (chance.happens(habits.lostReply) || now() + back > sentAt + habits.timeout) {
        return lose(tab, sentAt);
      }
      after(back, () => {
        refreshing.delete(tab);
        if (loggedOutAt !== null) return;
        if (reply === 'refused') loggedOutAt = now();
        else if (reply === 'retry') {
          after(
            chance.between(...habits.toldToRetryPause),
            inThisSpell(() => call(tab, false)),
          );
        } else if (awake || chance.happens(habits.acceptedAsleep)) {
          jar = reply;
          // The call for which it was refreshed.
          inThisSpell(() => call(tab, false))();
        }
      });
    });
  };

  /** The tab notices the loss later. A retry uses the token that the jar then holds. */
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
