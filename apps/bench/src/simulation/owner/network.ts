import type { Chance } from '../chance.ts';
import type { Timeline } from '../timeline.ts';
import type { NetworkHabits } from './habits.ts';

/** A network between one device and the server. */
export interface Network {
  /** Starts a spell of use: the next tunnel is on its way. */
  readonly start: () => void;
  /** When a message arrives that is sent `wait` ms from now (less than a second); null: never. */
  readonly arrival: (wait?: number) => number | null;
  readonly isDown: () => boolean;
}

/** In ms: a message that meets a tunnel no longer than this may be sent again by the network itself. */
const resentAfterTunnel = 45_000;

export const createNetwork = (
  { now }: Timeline,
  chance: Chance,
  habits: NetworkHabits,
): Network => {
  let tunnelStart = Number.POSITIVE_INFINITY;
  let tunnelEnd = Number.POSITIVE_INFINITY;
  let weakFrom = Number.POSITIVE_INFINITY;

  const planTunnel = (from: number): void => {
    tunnelStart = from + chance.exponential(habits.meanUntilTunnel);
    tunnelEnd = tunnelStart + chance.logBetween(...habits.tunnel);
    weakFrom = tunnelStart - chance.between(...habits.weakTime);
  };

  const passTunnels = (): void => {
    while (now() >= tunnelEnd) planTunnel(tunnelEnd);
  };

  return {
    start: () => planTunnel(now()),
    isDown: () => {
      passTunnels();
      return now() >= tunnelStart;
    },
    arrival: (wait = 0) => {
      passTunnels();
      const sent = now() + wait;
      if (sent >= tunnelStart || chance.happens(habits.lost)) return null;
      if (sent >= weakFrom && chance.happens(habits.weakLost)) return null;
      const delay =
        chance.logNormal(habits.medianDelay, habits.delaySigma) +
        (chance.happens(habits.stall) ? chance.logBetween(...habits.stallTime) : 0);
      if (sent + delay < tunnelStart) return sent + delay;
      const caughtFor = tunnelEnd - sent;
      if (caughtFor > resentAfterTunnel || chance.happens(0.5)) return null;
      return tunnelEnd + chance.between(0, caughtFor);
    },
  };
};
