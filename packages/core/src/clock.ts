/**
 * Answers the time in milliseconds since the epoch. Everything in Pawl that
 * asks for the time takes one, so that a test owns time.
 */
export type Clock = () => number;

/** The clock of the machine. */
export const systemClock: Clock = () => Date.now();
