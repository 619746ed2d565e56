/** A map of bounded size that drops the entries which were read least recently. */
export interface SegmentedLru<Value> {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
  readonly delete: (key: string) => void;
  readonly clear: () => void;
}

/**
 * Creates a map of two segments, each of half the size. When the young segment is full it becomes
 * the old one, and the previous old one is dropped; a hit in the old segment moves its entry to the
 * young one. Like an LRU it drops entries that were not read during the last `limit / 2` or so
 * insertions, but a hit in the young segment is a single `Map` read, while an LRU removes and
 * reinserts the entry each time.
 */
export const createSegmentedLru = <Value>(limit: number): SegmentedLru<Value> => {
  const half = Math.max(1, limit >> 1);
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  const set = (key: string, value: Value): void => {
    if (young.size >= half && !young.has(key)) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    set,
    get: (key) => {
      const value = young.get(key);
      if (value !== undefined) return value;
      const older = old.get(key);
      if (older !== undefined) set(key, older);
      return older;
    },
    delete: (key) => {
      young.delete(key);
      old.delete(key);
    },
    clear: () => {
      young.clear();
      old.clear();
    },
  };
};
