/** Measures the proxy of `@pawl/bff` beside bare ones on the same undici: `pnpm --filter bench proxy`. */
import { type Measured, ratioOf } from './measuring/measure.ts';
import { holds, type Section, sectionText } from './measuring/report.ts';
import { spreadOf } from './measuring/spread.ts';
import { clientOf, type Round, runRound, type Traffic } from './proxy/load.ts';
import { type Kind, type Party, startParty } from './proxy/party.ts';

const rounds = Number(process.env['PAWL_ROUNDS'] ?? 40);
const traffics: readonly Traffic[] = [
  { title: 'GET, 1 kB', path: '/api/small', method: 'GET', body: 0, requests: 800 },
  {
    title: 'POST, 1 kB up and down',
    path: '/api/small',
    method: 'POST',
    body: 1_000,
    requests: 600,
  },
  { title: 'GET, 256 kB', path: '/api/large', method: 'GET', body: 0, requests: 120 },
];

const kinds: readonly Kind[] = ['bare', 'documented', 'pawl'];

const measured = (
  title: string,
  found: ReadonlyMap<Kind, readonly Round[]>,
  value: (round: Round) => number,
): Measured => ({
  title,
  rounds,
  candidates: kinds.map((name) => {
    const micros = (found.get(name) ?? []).map(value);
    return { name, micros, spread: spreadOf(micros) };
  }),
});

const measure = async (
  parties: readonly { party: Party; pool: ReturnType<typeof clientOf> }[],
  traffic: Traffic,
): Promise<Section[]> => {
  const found = new Map<Kind, Round[]>(kinds.map((kind) => [kind, []]));
  for (let round = -3; round < rounds; round++) {
    for (let turn = 0; turn < parties.length; turn++) {
      const { party, pool } = parties[(turn + round + 3) % parties.length] as (typeof parties)[0];
      const result = await runRound(party, pool, traffic);
      if (round >= 0) found.get(party.kind)?.push(result);
    }
  }
  const wall = measured(`${traffic.title}, wall time at 50 at once`, found, ({ micros }) => micros);
  const cpu = measured(`${traffic.title}, the proxy's processor time`, found, (one) => one.cpu);
  return [
    {
      measured: wall,
      rules: [
        // Throughput is the inverse of wall time.
        { name: 'throughput: pawl ÷ bare', ratio: ratioOf(wall, 'pawl', 'bare'), atLeast: 0.9 },
        { name: 'throughput: pawl ÷ documented', ratio: ratioOf(wall, 'pawl', 'documented') },
      ],
    },
    {
      measured: cpu,
      rules: [{ name: 'processor: bare ÷ pawl', ratio: ratioOf(cpu, 'pawl', 'bare') }],
    },
  ];
};

const api = await startParty('api');
const parties = await Promise.all(
  kinds.map(async (kind) => {
    const party = await startParty(kind, api.url);
    return { party, pool: clientOf(party) };
  }),
);
let missed = 0;
try {
  for (const traffic of traffics) {
    for (const section of await measure(parties, traffic)) {
      console.log(sectionText(section));
      missed += section.rules.filter((rule) => !holds(rule)).length;
    }
  }
} finally {
  await Promise.all(parties.map(({ pool }) => pool.destroy()));
  for (const { stop } of [...parties.map(({ party }) => party), api]) stop();
}
console.log(`\n${missed} of the figures with a bound miss it`);
