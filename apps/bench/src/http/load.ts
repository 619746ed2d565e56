import autocannon from 'autocannon';

/** The number of connections, and of parallel requests per connection. */
export interface Shape {
  readonly connections: number;
  readonly pipelining: number;
}

export interface Load extends Shape {
  readonly url: string;
  readonly requests: autocannon.Request[];
}

/** The result of a second of load. */
export interface Loaded {
  /** All requests that were sent, including those without a response at the end. */
  readonly sent: number;
  readonly answeredPerSecond: number;
}

/**
 * Loads a server for a second, the minimum duration of autocannon.
 *
 * @throws Error if a response is not a 2xx
 */
export const putLoad = async (load: Load): Promise<Loaded> => {
  const { requests, duration, non2xx, errors } = await autocannon({ ...load, duration: 1 });
  if (requests.total === 0 || non2xx > 0 || errors > 0) {
    throw new Error(`${load.url}: ${requests.total} responses, ${non2xx} bad, ${errors} errors`);
  }
  return { sent: requests.sent, answeredPerSecond: requests.total / duration };
};
