/**
 * The simulation of `docs/simulation.md`:
 *
 * - `honest cookie|pair [weeks] [first seed]`: honest session-weeks;
 * - `crashes cookie|pair [weeks]`: the same, with browsers that crash;
 * - `thieves cookie|pair [thefts]`: every kind of thief;
 * - `presets [thefts]`: the thieves under each preset and check;
 * - `policies [sessions]`: the contest with other grace policies.
 */
import {
  printCrashes,
  printHonest,
  printPolicies,
  printPresets,
  printThieves,
} from './simulation/print.ts';

const [what = '', ...rest] = process.argv.slice(2);

const credentialOf = (name: string | undefined): 'cookie' | 'pair' => {
  if (name === 'cookie' || name === 'pair') return name;
  throw new Error('name the credential: cookie or pair');
};

const countOf = (text: string | undefined, fallback: number): number => {
  const count = Number(text ?? fallback);
  if (!Number.isInteger(count) || count < 1)
    throw new Error('a count must be a whole number of at least 1');
  return count;
};

switch (what) {
  case 'honest':
    await printHonest(credentialOf(rest[0]), countOf(rest[1], 10_000), countOf(rest[2], 1));
    break;
  case 'crashes':
    await printCrashes(credentialOf(rest[0]), countOf(rest[1], 1_000));
    break;
  case 'thieves':
    await printThieves(credentialOf(rest[0]), countOf(rest[1], 500));
    break;
  case 'presets':
    await printPresets(countOf(rest[0], 100));
    break;
  case 'policies':
    await printPolicies(countOf(rest[0], 1_000));
    break;
  default:
    throw new Error('say what to simulate: honest, crashes, thieves, presets or policies');
}
