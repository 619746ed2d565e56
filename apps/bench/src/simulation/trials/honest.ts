import { owners } from '../owner/habits.ts';
import { type Ending, emptyTally, type Tally } from '../session/watch.ts';
import { login, openScene, type Setting } from './story.ts';

const week = 7 * 86_400_000;

/** A session that ended although nobody else had a copy of its tokens. */
export interface FalseEnd {
  readonly seed: number;
  readonly owner: string;
  readonly ending: Ending | null;
}

/** The result of honest session-weeks, of all owners or of one kind. */
export interface HonestWeeks {
  readonly sessions: number;
  readonly ended: readonly FalseEnd[];
  readonly tally: Tally;
  /** How often each number of generations in a row had a late replay; by that number. */
  readonly runs: readonly number[];
  readonly crashes: number;
  /** The promises of the protocol that were broken. */
  readonly broken: readonly string[];
}

export interface HonestTrial {
  readonly all: HonestWeeks;
  readonly byOwner: ReadonlyMap<string, HonestWeeks>;
}

export interface HonestOptions {
  readonly setting: Setting;
  readonly seeds: Iterable<number>;
  /** In ms of use. */
  readonly meanUntilCrash?: number | undefined;
}

/** Simulates a week of each session, without a thief. */
export const tryHonest = async (options: HonestOptions): Promise<HonestTrial> => {
  const byOwner = new Map(owners.map(({ name }) => [name, noWeeks]));
  for (const seed of options.seeds) {
    const { owner, week } = await honestWeek({ ...options, seed });
    byOwner.set(owner, sumOf(byOwner.get(owner) ?? noWeeks, week));
  }
  return { all: [...byOwner.values()].reduce(sumOf), byOwner };
};

const honestWeek = async (
  options: Omit<HonestOptions, 'seeds'> & { readonly seed: number },
): Promise<{ readonly owner: string; readonly week: HonestWeeks }> => {
  const { timeline, watch, owner, loggedOutAt, crashes } = await openScene(options);
  await timeline.run(login + week, () => loggedOutAt() !== null);
  const ending = watch.ending();
  const hasEnded = ending !== null || loggedOutAt() !== null;
  return {
    owner: owner.name,
    week: {
      sessions: 1,
      ended: hasEnded ? [{ seed: options.seed, owner: owner.name, ending }] : [],
      tally: watch.tally,
      runs: watch.runs(),
      crashes: crashes(),
      broken: watch.broken(),
    },
  };
};

const noWeeks: HonestWeeks = {
  sessions: 0,
  ended: [],
  tally: emptyTally(),
  runs: [],
  crashes: 0,
  broken: [],
};

const sumOf = (a: HonestWeeks, b: HonestWeeks): HonestWeeks => ({
  sessions: a.sessions + b.sessions,
  ended: [...a.ended, ...b.ended],
  tally: {
    rotated: a.tally.rotated + b.tally.rotated,
    settled: a.tally.settled + b.tally.settled,
    replayed: a.tally.replayed + b.tally.replayed,
    late: a.tally.late + b.tally.late,
    retry: a.tally.retry + b.tally.retry,
  },
  runs: sumOfRuns(a.runs, b.runs),
  crashes: a.crashes + b.crashes,
  broken: [...new Set([...a.broken, ...b.broken])],
});

const sumOfRuns = (a: readonly number[], b: readonly number[]): number[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, at) => (a[at] ?? 0) + (b[at] ?? 0));
