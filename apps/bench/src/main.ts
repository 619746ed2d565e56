/** Measures Pawl and its peers in one process. Prints a table, and with `--json` a line of JSON. */
import { cpus } from 'node:os';
import { holds, type Section, sectionText } from './measuring/report.ts';
import { refuse } from './micro/refuse.ts';
import { guardCookies } from './micro/session-cookie.ts';
import { refresh, verifySession } from './micro/sessions.ts';
import { sign } from './micro/sign.ts';
import { verifyNew, verifySeen } from './micro/verify.ts';
import { fits, measureSizes, sizesText } from './size/size.ts';

const algorithms = ['HS256', 'EdDSA', 'ES256', 'RS256'] as const;

const sections: Section[] = [];
const add = (section: Section): void => {
  sections.push(section);
  console.log(sectionText(section));
};

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`);
add(await verifySeen());
for (const alg of algorithms) add(await verifyNew(alg));
for (const alg of algorithms) add(await sign(alg));
add(await verifySession());
add(await guardCookies());
add(await refresh());
add(await refuse());

const sizes = await measureSizes();
console.log(sizesText(sizes));

const missed =
  sections.flatMap(({ rules }) => rules).filter((rule) => !holds(rule)).length +
  sizes.filter((size) => !fits(size)).length;
console.log(`\n${missed} figures miss their bound`);
if (process.argv.includes('--json')) {
  const results = sections.map(({ measured: { title, rounds, candidates }, rules }) => ({
    title,
    rounds,
    micros: candidates.map(({ name, spread }) => ({ name, ...spread })),
    ratios: rules.map(({ name, ratio, ...bounds }) => ({ name, ...ratio, ...bounds })),
  }));
  console.log(JSON.stringify({ node: process.version, results, sizes }));
}
