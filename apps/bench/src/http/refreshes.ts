import autocannon from 'autocannon';
import { type Measured, measuredOf, ratioOf, takeTurns } from '../measuring/measure.ts';
import type { Rule, Section } from '../measuring/report.ts';
import { candidateNames, emptyPost, type FrameworkName } from './candidates.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { users } from './users.ts';

/** A client with one refresh at a time: it sends the token of the previous response. */
interface Client {
  token: string;
}

/** In seconds. One second, with one or two thousand refreshes, is not enough. */
const warmUp = 8;

/** Fewer than the number of clients. */
const connections = 50;

/** One client per user. The empty POST sends a token of the same length. */
const clientsOf = ({ refreshTokens }: ServerProcess): Client[] =>
  refreshTokens?.map((token) => ({ token })) ??
  users.map(() => ({ token: `pawl_rt_${'a'.repeat(104)}` }));

/**
 * Refreshes for a second.
 *
 * @throws Error if a response is not a 2xx or has no token
 */
const refreshAll = async (
  { url }: ServerProcess,
  clients: readonly Client[],
): Promise<{ answered: number; perSecond: number }> => {
  // Requests without a response in the last second are repeated, and get the same response.
  const idle = [...clients];
  let withoutToken = 0;
  const { requests, duration, non2xx, errors } = await autocannon({
    url,
    connections,
    duration: 1,
    requests: [
      {
        method: 'POST',
        path: '/auth/refresh',
        headers: { 'content-type': 'application/json' },
        setupRequest: (request, context) => {
          const client = idle.shift();
          if (!client) throw new Error('fewer clients than connections');
          Object.assign(context, { client });
          return { ...request, body: JSON.stringify({ refresh_token: client.token }) };
        },
        onResponse: (_status, body, context) => {
          const { client } = context as { client: Client };
          const { refresh_token: token } = JSON.parse(body) as { refresh_token?: string };
          if (token === undefined) withoutToken += 1;
          else client.token = token;
          idle.push(client);
        },
      },
    ],
  });
  if (requests.total === 0 || non2xx + errors + withoutToken > 0) {
    throw new Error(
      `${url}: ${requests.total} responses, ${non2xx} bad, ${withoutToken} without a token`,
    );
  }
  return { answered: requests.total, perSecond: requests.total / duration };
};

/** Measures rotations in one framework against its empty POST. */
export const measureRefreshes = async (
  framework: FrameworkName,
  redisPort: number,
  rounds: number,
): Promise<Section[]> => {
  const row = 'rotation';
  const servers: ServerProcess[] = [];
  try {
    for (const name of candidateNames(row, framework)) {
      servers.push(await startServer({ framework, row, name, redisPort }));
    }
    const cpu = servers.map((): number[] => []);
    const time = servers.map((): number[] => []);
    const clients = servers.map((server) => clientsOf(server));
    await takeTurns(servers, { rounds, warmUp }, async (server, index, round) => {
      const before = await server.usage();
      const { answered, perSecond } = await refreshAll(server, clients[index] as Client[]);
      const used = (await server.usage()) - before;
      if (round < 0) return;
      cpu[index]?.push(used / answered);
      time[index]?.push(1e6 / perSecond);
    });
    const title = `${framework}, rotation on Redis`;
    const used = measuredOf(`${title}: processor time of the server`, servers, cpu);
    const taken = measuredOf(
      `${title}: ${connections} connections, 1 / requests per second`,
      servers,
      time,
    );
    return [
      { measured: used, rules: sharesOf(used) },
      { measured: taken, rules: sharesOf(taken) },
    ];
  } finally {
    for (const server of servers) server.stop();
  }
};

const sharesOf = (measured: Measured): Rule[] =>
  measured.candidates
    .filter(({ name }) => name !== emptyPost)
    .map(({ name }) => ({
      name: `share of the empty POST: ${name}`,
      ratio: ratioOf(measured, name, emptyPost),
      atLeast: 0.4,
    }));
