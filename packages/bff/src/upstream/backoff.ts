/** Keeps sessions whose refresh has just failed from asking the provider at every request. */
export interface Backoff {
  /** Whether the session should not try yet. */
  isActive(sessionId: string): boolean;
  /** Whether the session should not try although it has no usable token: it has failed three times. */
  isExhausted(sessionId: string): boolean;
  /** Begins a waiting time: twice as long as the previous one, up to half a minute. */
  start(sessionId: string): void;
  /** Forgets the failures of a session. */
  reset(sessionId: string): void;
}

/** In ms. */
const firstWait = 1_000;
const longestWait = 30_000;

/** How many sessions are remembered. */
const capacity = 10_000;

export const createBackoff = (): Backoff => {
  const waits = new Map<string, { readonly until: number; readonly length: number }>();
  const isActive = (sessionId: string): boolean =>
    performance.now() < (waits.get(sessionId)?.until ?? 0);
  return {
    isActive,
    isExhausted: (sessionId) =>
      isActive(sessionId) && (waits.get(sessionId)?.length ?? 0) >= 4 * firstWait,
    start: (sessionId) => {
      const length = Math.min((waits.get(sessionId)?.length ?? firstWait / 2) * 2, longestWait);
      waits.delete(sessionId);
      waits.set(sessionId, {
        length,
        until: performance.now() + length * (0.5 + Math.random() / 2),
      });
      if (waits.size > capacity) waits.delete(waits.keys().next().value as string);
    },
    reset: (sessionId) => {
      waits.delete(sessionId);
    },
  };
};
