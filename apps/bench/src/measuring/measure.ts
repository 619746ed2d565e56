import { type Spread, spreadOf } from './spread.ts';

/** One implementation of the work of a group. */
export interface Candidate<Input> {
  readonly name: string;
  /** Does the work once for every input. */
  readonly run: (inputs: readonly Input[]) => void | Promise<void>;
}

/** Candidates that are measured against each other, on the same inputs. */
export interface Group<Input> {
  readonly title: string;
  readonly rounds: number;
  /** Creates the inputs of a round; not measured. */
  readonly prepare: (round: number) => readonly Input[] | Promise<readonly Input[]>;
  readonly candidates: readonly Candidate<Input>[];
}

/** The result of a measurement. */
export interface Measured {
  readonly title: string;
  readonly rounds: number;
  readonly candidates: readonly {
    readonly name: string;
    /** Microseconds per operation, a value per round. */
    readonly micros: readonly number[];
    readonly spread: Spread;
  }[];
}

/**
 * Lets candidates take turns: each has one turn per round, and each round begins with a different
 * candidate. A disturbance of the machine that is longer than a turn then affects all of them, and
 * ratios are computed within a round. Rounds below 0 are the warm-up.
 */
export const takeTurns = async <Turn>(
  turns: readonly Turn[],
  { rounds, warmUp }: { readonly rounds: number; readonly warmUp: number },
  take: (turn: Turn, index: number, round: number) => Promise<void>,
  before: (round: number) => Promise<void> = async () => {},
): Promise<void> => {
  for (let round = -warmUp; round < rounds; round++) {
    await before(round);
    for (let turn = 0; turn < turns.length; turn++) {
      const index = (turn + round + warmUp) % turns.length;
      await take(turns[index] as Turn, index, round);
    }
  }
};

const warmUp = 5;

/** Measures the time of each candidate, with the same inputs for all candidates of a round. */
export const measure = async <Input>(group: Group<Input>): Promise<Measured> =>
  (await measureBoth(group)).time;

/** The same, and the processor time of this process, which does not include waiting. */
export const measureBoth = async <Input>(
  group: Group<Input>,
): Promise<{ readonly time: Measured; readonly processor: Measured }> => {
  const { title, candidates, rounds } = group;
  const time = candidates.map((): number[] => []);
  const processor = candidates.map((): number[] => []);
  let inputs: readonly Input[] = [];
  await takeTurns(
    candidates,
    { rounds, warmUp },
    async ({ run }, index, round) => {
      globalThis.gc?.({ type: 'minor' });
      const usage = process.cpuUsage();
      const start = process.hrtime.bigint();
      await run(inputs);
      const taken = Number(process.hrtime.bigint() - start) / 1_000;
      const { user, system } = process.cpuUsage(usage);
      if (round < 0) return;
      time[index]?.push(taken / inputs.length);
      processor[index]?.push((user + system) / inputs.length);
    },
    async (round) => {
      inputs = await group.prepare(round + warmUp);
    },
  );
  return {
    time: measuredOf(title, candidates, time),
    processor: measuredOf(`${title}: processor time`, candidates, processor),
  };
};

/** Creates a result from the values of each candidate, one per round. */
export const measuredOf = (
  title: string,
  candidates: readonly { readonly name: string }[],
  micros: readonly (readonly number[])[],
): Measured => ({
  title,
  rounds: micros[0]?.length ?? 0,
  candidates: candidates.map(({ name }, index) => {
    const values = micros[index] as readonly number[];
    return { name, micros: values, spread: spreadOf(values) };
  }),
});

const valuesOf = ({ title, candidates }: Measured, name: string): readonly number[] => {
  const found = candidates.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`${title} has no candidate ${name}`);
  return found.micros;
};

/** The ratio `other` ÷ `one`, per round. */
export const ratioOf = (measured: Measured, one: string, other: string): Spread => {
  const divisors = valuesOf(measured, one);
  return spreadOf(
    valuesOf(measured, other).map((value, round) => value / (divisors[round] as number)),
  );
};

/** The difference `other` − `one` in µs, per round. */
export const differenceOf = (measured: Measured, one: string, other: string): Spread => {
  const subtrahends = valuesOf(measured, one);
  return spreadOf(
    valuesOf(measured, other).map((value, round) => value - (subtrahends[round] as number)),
  );
};
