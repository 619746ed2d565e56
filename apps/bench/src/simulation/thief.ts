import type { Chance } from './chance.ts';
import type { Device } from './device.ts';
import type { Grant, Server } from './server.ts';
import type { Timeline } from './timeline.ts';

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** How a thief goes about it. Durations in ms. */
export interface ThiefHabits {
  /** Between the copy and its first use, evenly over the magnitudes. */
  readonly wait: readonly [least: number, most: number];
  /** Until the access token that he just got is used. */
  readonly firstCall: readonly [least: number, most: number];
  /** Between two API calls after that, on average. */
  readonly meanPause: number;
  /** Before his access token is over he refreshes; 0: when a call needs it. */
  readonly ahead: number;
  /** When he is told to retry. */
  readonly retryPause: readonly [least: number, most: number];
}

/** Takes what he gets and uses it. */
export const busyThief: ThiefHabits = {
  wait: [1 * second, 2 * day],
  firstCall: [1 * second, 30 * second],
  meanPause: 5 * minute,
  ahead: 0,
  retryPause: [5 * second, 60 * second],
};

/**
 * Knows the protocol: refreshes before the client does, and keeps still until
 * the client, too, will have been answered with the successor.
 */
export const patientThief: ThiefHabits = {
  ...busyThief,
  firstCall: [3 * minute, 5 * minute],
  meanPause: 1 * minute,
  ahead: 30 * second,
};

/** What a thief has got out of it. */
export interface Loot {
  /** When he first presented the copy. */
  readonly firstUseAt: number | null;
  /** How many refreshes were answered with tokens. */
  readonly grants: number;
  /** How many API calls went through. */
  readonly calls: number;
  /** When the last one did. */
  readonly lastCallAt: number | null;
}

/** Copies the refresh token at `copyAt`, uses the copy later, and keeps what he gets. */
export const sendThief = (
  server: Server,
  device: Device,
  timeline: Timeline,
  chance: Chance,
  habits: ThiefHabits,
  copyAfter: number,
): (() => Loot) => {
  const { now, after } = timeline;
  let copy: string;
  let held: Grant | null = null;
  let firstUseAt: number | null = null;
  let lastCallAt: number | null = null;
  let grants = 0;
  let calls = 0;

  const refresh = async (): Promise<void> => {
    firstUseAt ??= now();
    const answer = await server.refresh(held?.refreshToken ?? copy);
    if (answer === 'retry') after(chance.between(...habits.retryPause), refresh);
    if (typeof answer === 'string') return;
    grants++;
    held = answer;
    after(chance.between(...habits.firstCall), call);
  };

  const call = async (): Promise<void> => {
    if (!held || now() >= held.accessTokenExpiresAt - habits.ahead) return refresh();
    if (!(await server.use(held.accessToken))) return refresh();
    calls++;
    lastCallAt = now();
    after(chance.exponential(habits.meanPause), call);
  };

  after(copyAfter, () => {
    copy = device.jar().refreshToken;
    after(chance.logBetween(...habits.wait), refresh);
  });
  return () => ({ firstUseAt, grants, calls, lastCallAt });
};
