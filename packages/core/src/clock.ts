/**
 * Returns the time in milliseconds since the epoch. Every API that needs the current time accepts
 * a `Clock`, so that tests can control it.
 */
export type Clock = () => number;

/** The machine's clock: `Date.now()`. */
export const systemClock: Clock = () => Date.now();
