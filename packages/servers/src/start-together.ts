/** What was started, and can be stopped with all that belongs to it. */
export interface Stoppable {
  stop(): Promise<void>;
}

/**
 * Waits for servers that are being started. If one of them does not start, the
 * others are stopped before its error is thrown.
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

export const stopTogether = async (started: readonly Stoppable[]): Promise<void> => {
  await Promise.all(started.map((one) => one.stop()));
};
