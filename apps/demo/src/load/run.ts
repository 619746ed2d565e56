import autocannon from 'autocannon';
import type { LoadUser } from './user.ts';

/** The result of a run. */
export interface Traffic {
  readonly requests: number;
  readonly perSecond: number;
  /** In ms. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  /** The number of responses by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Broken connections and timeouts. */
  readonly errors: number;
}

/** The requests of a user, repeated without a pause: read, list the devices, refresh. */
const round = ['/content', '/content', '/content', '/content', '/sessions', '/refresh'] as const;

/** Runs the load. Each user has one connection, and sends a request after the previous response. */
export const run = async (
  origin: string,
  users: readonly LoadUser[],
  seconds: number,
): Promise<Traffic> => {
  const statuses: Record<string, number> = {};
  const idle = [...users];
  const result = await autocannon({
    url: origin,
    connections: users.length,
    duration: seconds,
    timeout: 20,
    setupClient: (client) => {
      const user = idle.pop();
      if (!user) throw new Error('there are more connections than users');
      client.setRequests(
        round.map((path) => ({
          method: path === '/refresh' ? 'POST' : 'GET',
          path,
          setupRequest: (request) => ({
            ...request,
            headers: { ...request.headers, origin, cookie: user.cookieFor(path) },
          }),
          onResponse: (status, _body, _context, headers) => {
            statuses[status] = (statuses[status] ?? 0) + 1;
            if (status === 200) user.keep(setCookiesOf(headers));
          },
        })),
      );
    },
  });
  const { requests, latency, errors } = result;
  return {
    requests: requests.total,
    perSecond: requests.average,
    latency: { p50: latency.p50, p99: latency.p99, max: latency.max },
    statuses,
    // Includes timeouts.
    errors,
  };
};

/** autocannon does not normalize the names of headers. */
const setCookiesOf = (headers: unknown): readonly string[] => {
  const pairs = Object.entries(headers as Record<string, string | string[]>);
  return pairs
    .filter(([name]) => name.toLowerCase() === 'set-cookie')
    .flatMap(([, value]) => value);
};
