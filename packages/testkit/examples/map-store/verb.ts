/** Makes a verb of a port from `run`. It is atomic, because `run` does not await, and it copies inputs and results. */
export const verb =
  <A extends unknown[], R>(run: (...args: A) => R) =>
  async (...args: A): Promise<R> =>
    structuredClone(run(...structuredClone(args)));

/** Deletes the entries that have expired, and returns their number. */
export const deleteIf = <T>(map: Map<string, T>, isExpired: (value: T) => boolean): number =>
  [...map].filter(([key, value]) => isExpired(value) && map.delete(key)).length;
