import { type Spread, spreadOf } from './spread.ts';

/** One way to do the work of a group. */
export interface Candidate<Input> {
  readonly name: string;
  /** Does the work once for every input. */
  readonly run: (inputs: readonly Input[]) => void | Promise<void>;
}

/** Candidates that are measured against each other, on the same inputs. */
export interface Group<Input> {
  readonly title: string;
  readonly rounds: number;
  /** Makes the inputs of a round; not measured. */
  readonly prepare: (round: number) => readonly Input[] | Promise<readonly Input[]>;
  readonly candidates: readonly Candidate<Input>[];
}

/** What a group took. */
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

const warmUpRounds = 5;

/**
 * Measures a group in alternating rounds: in each one every candidate has its
 * turn, on the same inputs, and another one begins. So what disturbs the machine
 * for longer than a turn disturbs all of them, and a ratio is taken within a round.
 */
export const measure = async <Input>(group: Group<Input>): Promise<Measured> => {
  const { title, candidates, rounds } = group;
  const micros = candidates.map((): number[] => []);
  for (let round = -warmUpRounds; round < rounds; round++) {
    const inputs = await group.prepare(round + warmUpRounds);
    for (let turn = 0; turn < candidates.length; turn++) {
      const index = (turn + round + warmUpRounds) % candidates.length;
      const { run } = candidates[index] as Candidate<Input>;
      globalThis.gc?.({ type: 'minor' });
      const start = process.hrtime.bigint();
      await run(inputs);
      const taken = Number(process.hrtime.bigint() - start) / 1_000 / inputs.length;
      if (round >= 0) micros[index]?.push(taken);
    }
  }
  return {
    title,
    rounds,
    candidates: candidates.map(({ name }, index) => {
      const values = micros[index] as number[];
      return { name, micros: values, spread: spreadOf(values) };
    }),
  };
};

/** How many times the time of `one` the `other` takes, round by round. */
export const ratioOf = (measured: Measured, one: string, other: string): Spread => {
  const valuesOf = (name: string): readonly number[] => {
    const found = measured.candidates.find((candidate) => candidate.name === name);
    if (!found) throw new Error(`${measured.title} has no candidate ${name}`);
    return found.micros;
  };
  const divisors = valuesOf(one);
  return spreadOf(valuesOf(other).map((value, round) => value / (divisors[round] as number)));
};
