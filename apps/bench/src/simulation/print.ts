import { firstSeeds, simulateHonest, simulateThefts } from './policies/contest.ts';
import { contestants, pawl } from './policies/contestants.ts';
import { contestHead, contestRow, tallyText } from './policies/report.ts';
import { busyThief, patientThief } from './policies/thief.ts';
import { thieves } from './thieves/thieves.ts';
import { checkHonest, checkThefts } from './trials/claims.ts';
import { type HonestTrial, tryHonest } from './trials/honest.ts';
import {
  crashText,
  honestHead,
  honestRows,
  presetHead,
  presetRow,
  theftHead,
  theftRow,
} from './trials/report.ts';
import { seedsFrom } from './trials/seeds.ts';
import { boundPair, cookie, pair } from './trials/settings.ts';
import type { Setting } from './trials/story.ts';
import { tryThefts } from './trials/theft.ts';

type Credential = Setting['credential'];

const settingOf = (credential: Credential): Setting =>
  credential === 'cookie' ? cookie() : pair();

/** In ms of use: several crashes a week, far more than there are. */
const meanUntilCrash = 10 * 3_600_000;

/** Prints what does not hold, and makes the process fail. */
const printFailures = (failures: readonly string[]): void => {
  for (const failure of failures) {
    console.error(`DOES NOT HOLD: ${failure}`);
    process.exitCode = 1;
  }
};

export const printHonest = async (
  credential: Credential,
  weeks: number,
  first: number,
): Promise<void> => {
  const setting = settingOf(credential);
  const trial: HonestTrial = await tryHonest({ setting, seeds: seedsFrom(first, weeks) });
  console.log(`${setting.name}, seeds ${first} to ${first + weeks - 1}\n\n${honestHead}`);
  console.log(honestRows(trial));
  for (const end of trial.all.ended) console.error(JSON.stringify(end));
  printFailures(checkHonest(trial));
};

export const printCrashes = async (credential: Credential, weeks: number): Promise<void> => {
  const setting = settingOf(credential);
  const trial = await tryHonest({ setting, seeds: seedsFrom(1, weeks), meanUntilCrash });
  console.log(`${setting.name}, seeds 1 to ${weeks}: ${crashText(trial)}`);
  printFailures(trial.all.broken);
};

export const printThieves = async (credential: Credential, count: number): Promise<void> => {
  const setting = settingOf(credential);
  console.log(`${setting.name}, seeds 1 to ${count}\n\n${theftHead}`);
  for (const thief of thieves) {
    const trial = await tryThefts({ setting, thief, seeds: seedsFrom(1, count) });
    console.log(theftRow(thief.name, trial));
    printFailures(checkThefts(setting, thief, trial).map((each) => `${thief.name}: ${each}`));
  }
};

const checks = ['session', 'blocklist', 'none'] as const;
const pairPresets = ['default', 'strict', 'aal2', 'aal3'] as const;
/** Not `strict`: the parallel requests of one page would end its session. */
const cookiePresets = ['default', 'aal2', 'aal3'] as const;

export const printPresets = async (count: number): Promise<void> => {
  const tables = [
    cookiePresets.map((preset) => cookie(preset)),
    ...checks.map((check) => pairPresets.map((preset) => pair(preset, check))),
    [boundPair()],
  ];
  for (const settings of tables) {
    console.log(`\n${presetHead(settings.map(({ name }) => name))}`);
    for (const thief of thieves) {
      const trials = [];
      for (const setting of settings) {
        trials.push(await tryThefts({ setting, thief, seeds: seedsFrom(1, count) }));
      }
      console.log(presetRow(thief.name, trials));
      printFailures(trials.flatMap(({ broken }) => broken));
    }
  }
};

/** The contest with models of other grace policies. */
export const printPolicies = async (count: number): Promise<void> => {
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
};
