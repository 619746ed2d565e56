/**
 * Resolves after `ms` milliseconds.
 *
 * @param options `unref: true` lets the process end meanwhile, where the runtime's timers can.
 *   Default false.
 */
export const pause = (
  ms: number,
  { unref = false }: { readonly unref?: boolean | undefined } = {},
): Promise<void> =>
  new Promise((resolve) => {
    const timer: unknown = setTimeout(resolve, ms);
    if (unref) unrefTimer(timer);
  });

/** Lets the process end before the timer fires. Timers of runtimes other than Node are numbers. */
export const unrefTimer = (timer: unknown): void => {
  if (typeof timer === 'object') (timer as { unref(): void }).unref();
};
