/** How the next call of a verb fails. */
export interface Fault {
  /** `before`: the call never arrives. `after`: it runs, and its reply is lost. */
  readonly when: 'before' | 'after';
  /** Default: an error that a driver could throw. */
  readonly error?: unknown;
}

/** A part of a store that records its calls, and fails or returns wrong results on demand. */
export interface Watched<Part extends object> {
  readonly part: Part;
  /** The names of the called verbs, in order. */
  readonly calls: string[];
  /** Makes the next calls of a verb fail, one per fault. */
  readonly fail: (verb: keyof Part, ...faults: Fault['when'][]) => void;
  /** What all calls of a verb throw from now on; a deleted entry ends it. */
  readonly broken: Map<keyof Part, unknown>;
  /** Changes what a verb returns, from now on. */
  readonly replies: Map<keyof Part, (reply: never) => unknown>;
  /** Returns the verbs that some work calls, in order. */
  readonly costOf: (work: () => Promise<unknown>) => Promise<string[]>;
}

/** An error that a driver could throw. */
const driverError = (verb: PropertyKey): Error => new Error(`ECONNRESET while ${String(verb)}`);

export const watch = <Part extends object>(inner: Part): Watched<Part> => {
  const calls: string[] = [];
  const faults = new Map<keyof Part, Fault['when'][]>();
  const broken = new Map<keyof Part, unknown>();
  const replies = new Map<keyof Part, (reply: never) => unknown>();

  const call = async (verb: keyof Part, args: unknown[]): Promise<unknown> => {
    calls.push(String(verb));
    if (broken.has(verb)) throw broken.get(verb);
    const fault = faults.get(verb)?.shift();
    if (fault === 'before') throw driverError(verb);
    const run = inner[verb] as (...given: unknown[]) => Promise<unknown>;
    const reply = await run.apply(inner, args);
    if (fault === 'after') throw driverError(verb);
    return replies.get(verb)?.(reply as never) ?? reply;
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
    replies,
    costOf: async (work) => {
      const before = calls.length;
      await work();
      return calls.slice(before);
    },
  };
};
