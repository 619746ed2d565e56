import autocannon from 'autocannon';

/** How many connections, and how many requests each has under way. */
export interface Shape {
  readonly connections: number;
  readonly pipelining: number;
}

export interface Load extends Shape {
  readonly url: string;
  readonly requests: autocannon.Request[];
}

/** What a second of load has done. */
export interface Loaded {
  /** What the server had to work on, some of it cut off at the end. */
  readonly sent: number;
  readonly answeredPerSecond: number;
}

/**
 * Puts a load on a server for a second, the shortest that autocannon knows.
 *
 * @throws Error if any answer is not a 2xx.
 */
export const putLoad = async (load: Load): Promise<Loaded> => {
  const { requests, duration, non2xx, errors } = await autocannon({ ...load, duration: 1 });
  if (requests.total === 0 || non2xx > 0 || errors > 0) {
    throw new Error(`${load.url}: ${requests.total} answers, ${non2xx} bad, ${errors} errors`);
  }
  return { sent: requests.sent, answeredPerSecond: requests.total / duration };
};
