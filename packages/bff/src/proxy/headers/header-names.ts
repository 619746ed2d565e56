/** Limits of the cache: how many names, and of which length. */
const maxNames = 500;
const maxLength = 64;

/**
 * Returns `map` with a cache, because the same few header names come with every request.
 *
 * @param map its result must depend only on the name
 */
export const cacheByName = (map: (name: string) => string): ((name: string) => string) => {
  const cache = new Map<string, string>();
  return (name) => {
    const cached = cache.get(name);
    if (cached !== undefined) return cached;
    const result = map(name);
    if (cache.size >= maxNames) cache.clear();
    if (name.length <= maxLength) cache.set(name, result);
    return result;
  };
};
