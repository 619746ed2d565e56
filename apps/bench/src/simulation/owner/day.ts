import type { Chance } from '../chance.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** The share of days on which the device is not used at all. */
const daysOff = 0.03;

/** When a device is in use: by day, and not on every day. */
export interface Days {
  /** The first time from then on at which somebody may be awake. */
  readonly nextAwake: (from: number) => number;
  /** The end of the day that `during` is in. */
  readonly bedtime: (during: number) => number;
}

export const createDays = (chance: Chance): Days => {
  const days = new Map<number, { readonly from: number; readonly to: number }>();
  const hoursOf = (index: number): { readonly from: number; readonly to: number } => {
    let hours = days.get(index);
    if (!hours) {
      const start = index * day;
      const from = start + chance.between(6, 8) * hour;
      const to = chance.happens(daysOff) ? from : start + chance.between(22, 24) * hour;
      days.set(index, (hours = { from, to }));
    }
    return hours;
  };
  return {
    nextAwake: (from) => {
      for (let index = Math.floor(from / day); ; index++) {
        const hours = hoursOf(index);
        if (from < hours.to) return Math.max(from, hours.from);
      }
    },
    bedtime: (during) => hoursOf(Math.floor(during / day)).to,
  };
};
