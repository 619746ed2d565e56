/** A running server, or a group of them. */
export interface Stoppable {
  /** Stops it and removes its data. */
  stop(): Promise<void>;
}

/**
 * Waits for servers that are starting. If one of them does not start, the others are stopped and its
 * error is thrown.
 *
 * @example
 * const [redis, postgres] = await startTogether(startRedis(), startPostgres());
 */
export const startTogether = async <T extends readonly Promise<Stoppable>[]>(
  ...starts: T
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> => {
  const settled = await Promise.allSettled(starts);
  const failed = settled.find((one) => one.status === 'rejected');
  const started = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (failed) {
    await stopTogether(started);
    throw failed.reason;
  }
  return started as { -readonly [K in keyof T]: Awaited<T[K]> };
};

/** Stops several servers at the same time. */
export const stopTogether = async (started: readonly Stoppable[]): Promise<void> => {
  await Promise.all(started.map((one) => one.stop()));
};
