import autocannon from 'autocannon';
import type { LoadUser } from './user.ts';

/** What came of it. */
export interface Traffic {
  readonly requests: number;
  readonly perSecond: number;
  /** In ms. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly max: number };
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that broke, and answers that never came. */
  readonly errors: number;
}

/** What a user does, again and again without a pause: read, look at the devices, refresh. */
const round = ['/content', '/content', '/content', '/content', '/sessions', '/refresh'] as const;

/** Every user on a connection of its own, which only says the next thing when it has heard. */
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
    // Timeouts are among them.
    errors,
  };
};

/** autocannon hands headers over as the parser has them, by whatever name they were sent. */
const setCookiesOf = (headers: unknown): readonly string[] => {
  const pairs = Object.entries(headers as Record<string, string | string[]>);
  return pairs
    .filter(([name]) => name.toLowerCase() === 'set-cookie')
    .flatMap(([, value]) => value);
};
