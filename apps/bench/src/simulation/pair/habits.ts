/** How a client with a pair of tokens behaves. Durations in ms. */
export const habits = {
  /** How long before the expiry of the access token each tab refreshes by itself. */
  ahead: 30_000,
  /** … each of them within this time. */
  spread: 1_500,
  /** A lost refresh: the probability of another try, and after what time; else it is put away. */
  retry: 0.7,
  retryPause: [1_000, 30_000],
  /** After a 409 and after a 503. */
  conflictPause: 1_000,
  unavailablePause: [1_000, 5_000],
  /** The probability that an answer is stored although the device was put away. */
  acceptedAsleep: 0.5,
  /** A crash loses what was stored in this time. */
  lostByCrash: 30_000,
  /** Requests that reach the server within this time are handled at once. */
  tick: 8,
} as const;
