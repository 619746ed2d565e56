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

/** In µs of processor time: how much a guard of Pawl may add to the empty handler. */
const mayAdd: Readonly<Record<GuardRow, Record<FrameworkName, number>>> = {
  cached: { express: 4, fastify: 3, hono: 5 },
  strict: { express: 12, fastify: 11, hono: 14 },
};

/** Of the floor's requests, for the same processor time. */
const ofFloor: Readonly<Record<GuardRow, number>> = { cached: 0.95, strict: 0.9 };

/** Pipelined, a server does hardly anything but answer: its processor time is the steadiest figure. */
const pipelined: Shape = { connections: 10, pipelining: 16 };
/** What people quote. */
const many: Shape = { connections: 50, pipelining: 1 };

/** The guards of one framework. */
export const measureGuards = async (
  row: GuardRow,
  framework: FrameworkName,
  redisPort: number,
  rounds: number,
): Promise<Section[]> => {
  const servers: ServerProcess[] = [];
  try {
    for (const name of candidateNames(row, framework)) {
      const server = await startServer({ framework, row, name, redisPort });
      servers.push(server);
      await checkGuard(server);
    }
    const cpu = await measureTurns(servers, rounds, usagePerRequest);
    const time = await measureTurns(servers, rounds, timePerRequest);
    const title = `${framework}, ${row} check`;
    const measured = measuredOf(`${title}: processor time of the server`, rounds, servers, cpu);
    const quoted = measuredOf(
      `${title}: 50 connections, 1 / requests per second`,
      rounds,
      servers,
      time,
    );
    return [
      { measured, rules: rulesOf(row, framework, measured) },
      { measured: quoted, rules: sharesOf(quoted) },
    ];
  } finally {
    for (const server of servers) server.stop();
  }
};

/** A value per round, for each server. */
const measureTurns = async (
  servers: readonly ServerProcess[],
  rounds: number,
  turn: (server: ServerProcess) => Promise<number>,
): Promise<number[][]> => {
  const micros = servers.map((): number[] => []);
  await takeTurns(servers, { rounds, warmUp: 3 }, async (server, index, round) => {
    const taken = await turn(server);
    if (round >= 0) micros[index]?.push(taken);
  });
  return micros;
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
        atMost: mayAdd[row][framework],
      },
      {
        name: `${name}, of the floor`,
        ratio: ratioOf(measured, name, floors[row]),
        atLeast: ofFloor[row],
      },
    ]),
];
