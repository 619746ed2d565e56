import type { RedisServer } from '@pawl/servers';
import {
  differenceOf,
  type Measured,
  measuredOf,
  ratioOf,
  takeTurns,
} from '../measuring/measure.ts';
import type { Rule, Section } from '../measuring/report.ts';
import {
  candidateNames,
  emptyHandler,
  type FrameworkName,
  floors,
  type GuardRow,
  isPawl,
} from './candidates.ts';
import { type Loaded, putLoad, type Shape } from './load.ts';
import { checkGuard, type ServerProcess, startServer } from './server-process.ts';
import { countTrips } from './trips.ts';

/** The processor time that a guard of Pawl may add to the empty handler, in µs. */
const maxAdded: Readonly<Record<GuardRow, Record<FrameworkName, number>>> = {
  cached: { express: 4, fastify: 3, hono: 5 },
  strict: { express: 12, fastify: 11, hono: 14 },
};

/** The minimum share of the floor's throughput at the same processor time. */
const minShareOfFloor: Readonly<Record<GuardRow, number>> = { cached: 0.95, strict: 0.9 };

/** With pipelining a server is never idle, so its processor time is the most stable figure. */
const pipelined: Shape = { connections: 10, pipelining: 16 };
/** Without pipelining, for requests per second, the figure that people quote. */
const many: Shape = { connections: 50, pipelining: 1 };

/** Measures the guards of one framework, with new processes for each half of the rounds. */
export const measureGuards = async (
  row: GuardRow,
  framework: FrameworkName,
  redis: RedisServer | undefined,
  rounds: number,
): Promise<Section[]> => {
  const names = candidateNames(row, framework);
  const cpu = names.map((): number[] => []);
  const time = names.map((): number[] => []);
  // The same code may be faster in one process than in another, by how it was compiled.
  let trips: Rule[] = [];
  const perFleet = Math.ceil(rounds / 2);
  for (let done = 0; done < rounds; done += perFleet) {
    const servers: ServerProcess[] = [];
    try {
      for (const name of names) {
        const server = await startServer({ framework, row, name, redisPort: redis?.port ?? 0 });
        servers.push(server);
        await checkGuard(server);
      }
      await takeTurns(servers, { rounds: perFleet, warmUp: 3 }, async (server, index, round) => {
        const used = await usagePerRequest(server);
        if (round >= 0) cpu[index]?.push(used);
      });
      await takeTurns(servers, { rounds: perFleet, warmUp: 1 }, async (server, index, round) => {
        const taken = await timePerRequest(server);
        if (round >= 0) time[index]?.push(taken);
      });
      trips = redis ? await tripsOf(servers, redis) : [];
    } finally {
      for (const server of servers) server.stop();
    }
  }
  const title = `${framework}, ${row} check`;
  const candidates = names.map((name) => ({ name }));
  const used = measuredOf(`${title}: processor time of the server`, candidates, cpu);
  const taken = measuredOf(`${title}: 50 connections, 1 / requests per second`, candidates, time);
  return [
    { measured: used, rules: [...rulesOf(row, framework, used), ...trips] },
    { measured: taken, rules: sharesOf(taken) },
  ];
};

/** The trips to Redis of each guard. Pawl must make exactly one. */
const tripsOf = async (servers: readonly ServerProcess[], redis: RedisServer): Promise<Rule[]> => {
  const rules: Rule[] = [];
  for (const server of servers) {
    if (server.name === emptyHandler) continue;
    rules.push(await countTrips(server, redis, isPawl(server.name) ? 1 : undefined));
  }
  return rules;
};

const put = ({ url, credentials }: ServerProcess, shape: Shape): Promise<Loaded> =>
  putLoad({
    ...shape,
    url,
    requests: credentials.map((headers) => ({ headers })),
  });

/** In µs of processor time per request. */
const usagePerRequest = async (server: ServerProcess): Promise<number> => {
  const before = await server.usage();
  const { sent } = await put(server, pipelined);
  return ((await server.usage()) - before) / sent;
};

const timePerRequest = async (server: ServerProcess): Promise<number> =>
  1e6 / (await put(server, many)).answeredPerSecond;

/** The share of the empty handler that each candidate reaches. */
const sharesOf = (measured: Measured): Rule[] =>
  measured.candidates
    .filter(({ name }) => name !== emptyHandler)
    .map(({ name }) => ({
      name: `share of the empty handler: ${name}`,
      ratio: ratioOf(measured, name, emptyHandler),
    }));

const rulesOf = (row: GuardRow, framework: FrameworkName, measured: Measured): Rule[] => [
  ...sharesOf(measured),
  ...measured.candidates
    .filter(({ name }) => name === floors[row])
    .map(({ name }) => ({
      name: `µs added by ${name}`,
      ratio: differenceOf(measured, emptyHandler, name),
    })),
  ...measured.candidates
    .filter(({ name }) => isPawl(name))
    .flatMap(({ name }) => [
      {
        name: `µs added by ${name}`,
        ratio: differenceOf(measured, emptyHandler, name),
        atMost: maxAdded[row][framework],
      },
      {
        name: `${name}, of the floor`,
        ratio: ratioOf(measured, name, floors[row]),
        atLeast: minShareOfFloor[row],
      },
    ]),
];
