/** A verb of a port: atomic, for `run` cannot wait; what goes in and what comes out is a copy. */
export const verb =
  <A extends unknown[], R>(run: (...args: A) => R) =>
  async (...args: A): Promise<R> =>
    structuredClone(run(...structuredClone(args)));

/** Deletes what is past, and says how many that were. */
export const deleteIf = <T>(map: Map<string, T>, isPast: (value: T) => boolean): number =>
  [...map].filter(([key, value]) => isPast(value) && map.delete(key)).length;
