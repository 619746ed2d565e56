import type { Chance } from '../chance.ts';
import type { Timeline } from '../timeline.ts';
import type { Device } from './device.ts';
import type { Grant, Server } from './server.ts';

const second = 1_000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** How a thief behaves. Durations in ms. */
export interface ThiefHabits {
  /** From the copy to its first use, uniform over the orders of magnitude. */
  readonly wait: readonly [least: number, most: number];
  /** From a refresh to the first use of its access token. */
  readonly firstCall: readonly [least: number, most: number];
  /** The average time between two later API calls. */
  readonly meanPause: number;
  /** How long before the expiry of the access token the thief refreshes; 0: at the next call. */
  readonly ahead: number;
  /** The pause after being told to retry. */
  readonly retryPause: readonly [least: number, most: number];
}

/** Uses the tokens as soon and as often as possible. */
export const busyThief: ThiefHabits = {
  wait: [1 * second, 2 * day],
  firstCall: [1 * second, 30 * second],
  meanPause: 5 * minute,
  ahead: 0,
  retryPause: [5 * second, 60 * second],
};

/**
 * Knows the protocol: refreshes before the client does, and then makes no call until the client has
 * received the same successor.
 */
export const patientThief: ThiefHabits = {
  ...busyThief,
  firstCall: [3 * minute, 5 * minute],
  meanPause: 1 * minute,
  ahead: 30 * second,
};

/** What a thief has gained. */
export interface Loot {
  /** When the copy was first presented. */
  readonly firstUseAt: number | null;
  /** The number of successful refreshes. */
  readonly grants: number;
  /** The number of accepted API calls. */
  readonly calls: number;
  /** The time of the last accepted API call. */
  readonly lastCallAt: number | null;
}

/** Copies the refresh token after `copyAfter` ms, uses the copy later, and keeps the successors. */
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
    const reply = await server.refresh(held?.refreshToken ?? copy);
    if (reply === 'retry') after(chance.between(...habits.retryPause), refresh);
    if (typeof reply === 'string') return;
    grants++;
    held = reply;
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
