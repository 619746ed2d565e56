/** What goes wrong with the next call of a verb. */
export interface Fault {
  /** `before`: the call never arrives. `after`: it is carried out, and the answer is lost. */
  readonly when: 'before' | 'after';
  /** Default: an error such as a driver throws. */
  readonly error?: unknown;
}

/** A part of a store whose calls are noted, and fail or are answered falsely when told to. */
export interface Watched<Part extends object> {
  readonly part: Part;
  /** The names of the verbs that were called, in order. */
  readonly calls: string[];
  /** The next calls of a verb fail, one per fault. */
  readonly fail: (verb: keyof Part, ...faults: Fault['when'][]) => void;
  /** All calls of a verb throw this from now on; undefined ends it. */
  readonly broken: Map<keyof Part, unknown>;
  /** Changes what a verb answers, from now on. */
  readonly answers: Map<keyof Part, (answer: never) => unknown>;
  /** How many calls something costs, by verb. */
  readonly costOf: (work: () => Promise<unknown>) => Promise<string[]>;
}

/** What a driver may throw: it quotes what it was sent. */
const driverError = (verb: PropertyKey): Error => new Error(`ECONNRESET while ${String(verb)}`);

export const watch = <Part extends object>(inner: Part): Watched<Part> => {
  const calls: string[] = [];
  const faults = new Map<keyof Part, Fault['when'][]>();
  const broken = new Map<keyof Part, unknown>();
  const answers = new Map<keyof Part, (answer: never) => unknown>();

  const call = async (verb: keyof Part, args: unknown[]): Promise<unknown> => {
    calls.push(String(verb));
    if (broken.has(verb)) throw broken.get(verb);
    const fault = faults.get(verb)?.shift();
    if (fault === 'before') throw driverError(verb);
    const run = inner[verb] as (...given: unknown[]) => Promise<unknown>;
    const answer = await run.apply(inner, args);
    if (fault === 'after') throw driverError(verb);
    return answers.get(verb)?.(answer as never) ?? answer;
  };

  return {
    part: new Proxy(inner, {
      get: (target, verb) => {
        const value: unknown = Reflect.get(target, verb);
        if (typeof value !== 'function' || verb === 'subscribe') {
          return typeof value === 'function' ? value.bind(target) : value;
        }
        return (...args: unknown[]) => call(verb as keyof Part, args);
      },
    }),
    calls,
    fail: (verb, ...whens) => {
      faults.set(verb, [...(faults.get(verb) ?? []), ...whens]);
    },
    broken,
    answers,
    costOf: async (work) => {
      const before = calls.length;
      await work();
      return calls.slice(before);
    },
  };
};
