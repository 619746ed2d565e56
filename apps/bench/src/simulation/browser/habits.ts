/** How a browser, its pages and the service behave. Durations in ms. */
export const habits = {
  /** Tabs that wake up do so within this time. */
  wakeSpread: 1_500,
  /** The share of actions that load a page; the others send requests from a script. */
  navigation: 0.5,
  /** How many requests a script sends at once, uniform over the orders of magnitude. */
  burst: [1, 21],
  /** The time in which they leave. */
  burstSpread: 50,
  /** The share of requests whose responses carry no cookie: prefetches, upgrades. */
  withoutCookie: 0.03,
  /** The time of a handler, log-normal; and the shares of slow ones, uniform over the magnitudes. */
  medianHandler: 40,
  handlerSigma: 0.8,
  slow: 0.01,
  slowTime: [1_000, 60_000],
  verySlow: 0.001,
  verySlowTime: [60_000, 1_200_000],
  /** A lost request of a script: the probability of another try, and after what time. */
  retry: 0.5,
  retryPause: [1_000, 30_000],
  /** A page that does not come: the probability that its user loads it again, and after what time. */
  reload: 0.8,
  reloadPause: [3_000, 30_000],
  /** … and the probability that the user gives up and puts the device away. */
  giveUp: 0.1,
  /** Scripts retry after a 409, so often at most. */
  conflictPause: 1_000,
  maxConflicts: 10,
  /** After a second 409 its user loads the page again; and after a 503. */
  conflictReload: [3_000, 10_000],
  unavailablePause: [1_000, 5_000],
  /** The probability that an answer reaches the cookie jar although the device was put away. */
  acceptedAsleep: 0.5,
  /** A crash loses what the jar was told in this time. */
  lostByCrash: 30_000,
  /** Requests that reach the server within this time are handled at once. */
  tick: 8,
} as const;
