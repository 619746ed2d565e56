/**
 * The full simulation: prints the table of `docs/simulation.md`.
 * Optional argument: the number of sessions of each kind, default 1,000.
 */
import { firstSeeds, simulateHonest, simulateThefts } from './simulation/contest.ts';
import { contestants, pawl } from './simulation/contestants.ts';
import { contestHead, contestRow, tallyText } from './simulation/report.ts';
import { busyThief, patientThief } from './simulation/thief.ts';

const count = Number(process.argv.at(2) ?? 1_000);
if (!Number.isInteger(count) || count < 1) {
  throw new Error('the number of sessions must be a whole number of at least 1');
}

const seeds = firstSeeds(count);
console.log(contestHead);
for (const { name, create } of contestants) {
  const honest = await simulateHonest(create, seeds);
  const theft = await simulateThefts(create, busyThief, seeds);
  console.log(contestRow(name, honest, theft));
  if (name === pawl.name) {
    console.error(tallyText(name, honest));
    const patient = await simulateThefts(create, patientThief, seeds);
    console.log(contestRow(`${name}, a thief who knows the protocol`, honest, patient));
  }
}
