const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

type Range = readonly [least: number, most: number];

/** How a network behaves. Durations in ms. */
export interface NetworkHabits {
  /** The delay in one direction, log-normal. */
  readonly medianDelay: number;
  readonly delaySigma: number;
  /** The share of messages that take longer, and how much longer. */
  readonly stall: number;
  readonly stallTime: Range;
  /** The share of messages that never arrive. */
  readonly lost: number;
  /** The average time of use between two tunnels, and how long one is. */
  readonly meanUntilTunnel: number;
  readonly tunnel: Range;
  /** Before a tunnel the network is weak for so long, and loses this share of messages. */
  readonly weakTime: Range;
  readonly weakLost: number;
}

/** How an owner uses a device. Durations in ms. */
export interface OwnerHabits {
  readonly name: string;
  /** The share of owners who are like this. */
  readonly share: number;
  /** The shares of devices with one, two, three and four open tabs. */
  readonly tabShares: readonly number[];
  /** The average duration of use. */
  readonly meanSpell: number;
  /** The duration of absence by day, uniform over the orders of magnitude. */
  readonly absence: Range;
  /** The average time between two actions in the front tab, and between two polls of each other tab. */
  readonly meanPauseInFront: number;
  readonly meanPauseBehind: number;
  /** The probability that the system kills the browser when it is put away. */
  readonly killed: number;
  readonly network: NetworkHabits;
}

const goodNetwork: NetworkHabits = {
  medianDelay: 60,
  delaySigma: 0.7,
  stall: 0.005,
  stallTime: [1 * second, 60 * second],
  lost: 0.005,
  meanUntilTunnel: 20 * hour,
  tunnel: [5 * second, 15 * minute],
  weakTime: [0, 10 * second],
  weakLost: 0.2,
};

const mobileNetwork: NetworkHabits = {
  ...goodNetwork,
  medianDelay: 120,
  delaySigma: 0.9,
  stall: 0.01,
  meanUntilTunnel: 90 * minute,
  weakTime: [2 * second, 30 * second],
  weakLost: 0.3,
};

const badNetwork: NetworkHabits = {
  ...mobileNetwork,
  medianDelay: 250,
  delaySigma: 1.1,
  lost: 0.01,
  meanUntilTunnel: 12 * minute,
  weakTime: [5 * second, 60 * second],
  weakLost: 0.4,
};

const desk: OwnerHabits = {
  name: 'desk',
  share: 0.5,
  tabShares: [0.4, 0.3, 0.2, 0.1],
  meanSpell: 30 * minute,
  absence: [2 * minute, 6 * hour],
  meanPauseInFront: 60 * second,
  meanPauseBehind: 4 * minute,
  killed: 0.05,
  network: goodNetwork,
};

const phone: OwnerHabits = {
  name: 'phone',
  share: 0.35,
  tabShares: [0.6, 0.3, 0.1],
  meanSpell: 6 * minute,
  absence: [1 * minute, 4 * hour],
  meanPauseInFront: 30 * second,
  meanPauseBehind: 4 * minute,
  killed: 0.3,
  network: mobileNetwork,
};

/** On trains and in cellars: every message may be lost, and tunnels come one after the other. */
const commuter: OwnerHabits = {
  ...phone,
  name: 'bad network',
  share: 0.15,
  meanSpell: 10 * minute,
  network: badNetwork,
};

/** The owners of the simulation. */
export const owners: readonly OwnerHabits[] = [desk, phone, commuter];

/** The owner whose share of all a number from 0 to 1 falls into. */
export const ownerAt = (unit: number): OwnerHabits =>
  owners[
    indexOfShare(
      owners.map(({ share }) => share),
      unit,
    )
  ] as OwnerHabits;

/** The index of the share of 1 that a number from 0 to 1 falls into. */
export const indexOfShare = (shares: readonly number[], unit: number): number => {
  let sum = 0;
  const index = shares.findIndex((share) => {
    sum += share;
    return unit < sum;
  });
  return index === -1 ? shares.length - 1 : index;
};
