/** Remembers what was verified, up to a number of entries. */
export interface VerifiedCache<Entry> {
  readonly get: (key: string) => Entry | undefined;
  readonly set: (key: string, entry: Entry) => void;
}

/**
 * Two generations of half the size each: when the young one is full it becomes
 * the old one, and the old one is dropped; a hit in the old one moves up. It
 * forgets what was not asked for since about `limit / 2` newcomers ago, as an
 * LRU would, but a hit in the young one is a single `Map` read, where an LRU
 * takes an entry out and puts it back each time.
 */
export const createVerifiedCache = <Entry>(limit: number): VerifiedCache<Entry> => {
  const half = limit >> 1;
  let young = new Map<string, Entry>();
  let old = new Map<string, Entry>();
  const set = (key: string, entry: Entry): void => {
    if (young.size >= half && !young.has(key)) {
      old = young;
      young = new Map();
    }
    young.set(key, entry);
  };
  const get = (key: string): Entry | undefined => {
    const entry = young.get(key);
    if (entry !== undefined) return entry;
    const older = old.get(key);
    if (older !== undefined) set(key, older);
    return older;
  };
  return { get, set };
};
