/** What one device keeps of its session: whatever arrives last. */
export interface Jar<T> {
  readonly get: () => T;
  readonly set: (next: T) => void;
  /** Forgets what was set in the last `ms`, as a crash does. */
  readonly lose: (ms: number) => void;
}

export const createJar = <T>(now: () => number, first: T): Jar<T> => {
  let held = first;
  /** What was held before, and until when; the newest last. */
  let earlier: { readonly held: T; readonly until: number }[] = [];
  return {
    get: () => held,
    set: (next) => {
      if (next === held) return;
      earlier = [...earlier.slice(-4), { held, until: now() }];
      held = next;
    },
    lose: (ms) => {
      const lost = earlier.find(({ until }) => now() - until < ms);
      if (!lost) return;
      held = lost.held;
      earlier = [];
    },
  };
};
