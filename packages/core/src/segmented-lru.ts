/** A bounded map that forgets what was not asked for lately. */
export interface SegmentedLru<Value> {
  readonly get: (key: string) => Value | undefined;
  readonly set: (key: string, value: Value) => void;
  readonly delete: (key: string) => void;
  readonly clear: () => void;
}

/**
 * Two generations of half the size each: when the young one is full it becomes
 * the old one, and the old one is dropped; a hit in the old one moves up. It
 * forgets what was not asked for since about `limit / 2` newcomers ago, as an
 * LRU would, but a hit in the young one is a single `Map` read, where an LRU
 * takes an entry out and puts it back each time.
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
