/** A planned action. */
export type Act = () => void | Promise<void>;

interface Entry {
  readonly at: number;
  /** Of two actions at the same time, the one that was planned first runs first. */
  readonly order: number;
  readonly act: Act;
}

/**
 * Virtual time: the next planned action runs immediately, without waiting. Actions that are
 * planned for the very same time run at once: each begins before the others have finished.
 */
export interface Timeline {
  /** In ms. */
  readonly now: () => number;
  readonly after: (delay: number, act: Act) => void;
  readonly at: (time: number, act: Act) => void;
  /** Runs the planned actions until `end`, or until `isOver` returns true. */
  readonly run: (end: number, isOver: () => boolean) => Promise<void>;
}

const isBefore = (a: Entry, b: Entry): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

export const createTimeline = (start: number): Timeline => {
  let now = start;
  let planned = 0;
  /** A binary heap, the earliest first. */
  const heap: Entry[] = [];

  const push = (entry: Entry): void => {
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!isBefore(entry, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
  };

  const pop = (): Entry | undefined => {
    const first = heap[0];
    const last = heap.pop();
    if (first === last || last === undefined) return first;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= heap.length) break;
      const right = heap[left + 1];
      const child = right && isBefore(right, heap[left] as Entry) ? left + 1 : left;
      if (!isBefore(heap[child] as Entry, last)) break;
      heap[at] = heap[child] as Entry;
      at = child;
    }
    heap[at] = last;
    return first;
  };

  const at = (time: number, act: Act): void =>
    push({ at: Math.max(now, time), order: planned++, act });

  return {
    now: () => now,
    at,
    after: (delay, act) => at(now + delay, act),
    run: async (end, isOver) => {
      while (!isOver()) {
        const entry = pop();
        if (!entry || entry.at > end) break;
        now = entry.at;
        const done = entry.act();
        if (!done) continue;
        const running = [done];
        while (heap[0]?.at === now) {
          const also = pop()?.act();
          if (also) running.push(also);
        }
        await Promise.all(running);
      }
    },
  };
};
