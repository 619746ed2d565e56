/** Measures the proxy of `@pawl/bff` against bare proxies on undici: `pnpm --filter bench proxy`. */
import { type Measured, ratioOf } from './measuring/measure.ts';
import { holds, type Section, sectionText } from './measuring/report.ts';
import { spreadOf } from './measuring/spread.ts';
import { clientOf, type Round, runRound, type Traffic } from './proxy/load.ts';
import { type Party, startParty } from './proxy/party.ts';
import type { Kind } from './proxy/server.ts';

const rounds = Number(process.env['PAWL_ROUNDS'] ?? 120);
const traffics: readonly Traffic[] = [
  { title: 'GET, 1 kB', path: '/api/small', method: 'GET', body: 0, requests: 800 },
  {
    title: 'POST, 1 kB up and down',
    path: '/api/small',
    method: 'POST',
    body: 1_000,
    requests: 800,
  },
  { title: 'GET, 256 kB', path: '/api/large', method: 'GET', body: 0, requests: 300 },
];

/** All processes are restarted for each part, because processes with the same code differ in speed. */
const parts = 4;
/** In rounds, which are not counted, until a process has compiled its code. */
const warmUp = 15;
const kinds = ['bare', 'documented', 'public', 'pawl'] as const satisfies readonly Kind[];

type Found = ReadonlyMap<Kind, Round[]>;

/** A random order, so that a proxy does not always follow the same other one. */
const shuffled = <T>(entries: readonly T[]): T[] =>
  entries
    .map((entry) => ({ entry, place: Math.random() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ entry }) => entry);

const runRounds = async (api: Party, found: ReadonlyMap<Traffic, Found>): Promise<void> => {
  const parties = await Promise.all(
    kinds.map(async (kind) => {
      const party = await startParty(kind, api.url);
      return { party, pool: clientOf(party) };
    }),
  );
  const cookie = parties.find(({ party }) => party.kind === 'pawl')?.party.cookie ?? '';
  for (const [traffic, byKind] of found) {
    for (let round = -warmUp; round < rounds / parts; round++) {
      for (const { party, pool } of shuffled(parties)) {
        const result = await runRound(party, pool, traffic, cookie);
        if (round >= 0) byKind.get(party.kind)?.push(result);
      }
    }
  }
  await Promise.all(parties.map(({ pool }) => pool.destroy()));
  for (const { party } of parties) party.stop();
};

const measuredOf = (title: string, found: Found, value: (round: Round) => number): Measured => ({
  title,
  rounds,
  candidates: kinds.map((name) => {
    const micros = (found.get(name) ?? []).map(value);
    return { name, micros, spread: spreadOf(micros) };
  }),
});

const sectionsOf = ({ title }: Traffic, found: Found): Section[] => {
  const wall = measuredOf(`${title}, wall time at 50 in parallel`, found, ({ micros }) => micros);
  const cpu = measuredOf(`${title}, the proxy's processor time`, found, (one) => one.cpu);
  return [
    {
      measured: wall,
      rules: [
        // Throughput is the inverse of wall time.
        { name: 'throughput: pawl ÷ bare', ratio: ratioOf(wall, 'pawl', 'bare'), atLeast: 0.9 },
        { name: 'throughput: pawl ÷ documented', ratio: ratioOf(wall, 'pawl', 'documented') },
        { name: 'throughput: public ÷ bare', ratio: ratioOf(wall, 'public', 'bare') },
      ],
    },
    {
      measured: cpu,
      rules: [
        { name: 'processor: bare ÷ pawl', ratio: ratioOf(cpu, 'pawl', 'bare') },
        { name: 'processor: bare ÷ public', ratio: ratioOf(cpu, 'public', 'bare') },
      ],
    },
  ];
};

const found = new Map(
  traffics.map((traffic) => [traffic, new Map(kinds.map((kind): [Kind, Round[]] => [kind, []]))]),
);
const api = await startParty('api');
for (let part = 0; part < parts; part++) await runRounds(api, found);
api.stop();

const sections = traffics.flatMap((traffic) =>
  sectionsOf(traffic, found.get(traffic) ?? new Map()),
);
for (const section of sections) console.log(sectionText(section));
const missed = sections.flatMap(({ rules }) => rules).filter((rule) => !holds(rule)).length;
console.log(`\n${missed} figures miss their bound`);
