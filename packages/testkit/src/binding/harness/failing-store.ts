import type { Store } from '@pawl/core/store';

/** The parts of a store that the HTTP layer uses. */
export type HttpStore = Pick<Store, 'sessions' | 'blocklist' | 'apiKeys' | 'rateLimits'>;

/** A store that a test can make fail, and whose calls it can inspect. */
export interface FailingStore {
  readonly store: HttpStore;
  /** `true` if every call fails, or the verbs whose calls fail, for example `sessions.find`. */
  down: boolean | readonly string[];
  /** The verbs that were called since the test last reset the list, for example `sessions.find`. */
  calls: string[];
  /** The arguments of every call, as JSON. */
  readonly receivedArguments: string[];
  /** Replaces the result of a verb. */
  changeResult: ((verb: string, result: unknown) => unknown) | undefined;
}

/** The error message of the failing store's driver. No client may see it. */
export const driverMessage = 'connect ECONNREFUSED 10.0.0.5:6379';

/** Wraps every verb of a store. */
export const createFailingStore = (real: HttpStore): FailingStore => {
  const state: FailingStore = {
    store: real,
    down: false,
    calls: [],
    receivedArguments: [],
    changeResult: undefined,
  };
  const part = <Part extends object>(name: string, target: Part): Part =>
    new Proxy(target, {
      get: (_, verb) => {
        const value: unknown = Reflect.get(target, verb);
        // A subscription is not part of a request.
        if (!isVerb(value)) return value;
        if (verb === 'subscribe') return value.bind(target) as unknown;
        return (...args: unknown[]) => callVerb(`${name}.${String(verb)}`, target, value, args);
      },
    });
  const callVerb = async (
    verb: string,
    target: object,
    real: Verb,
    args: unknown[],
  ): Promise<unknown> => {
    state.calls.push(verb);
    state.receivedArguments.push(JSON.stringify(args));
    if (state.down === true || (state.down && state.down.includes(verb))) {
      throw new Error(driverMessage);
    }
    const result: unknown = await Reflect.apply(real, target, args);
    return state.changeResult ? state.changeResult(verb, result) : result;
  };
  return Object.assign(state, {
    store: Object.fromEntries(
      Object.entries(real).map(([name, value]) => [name, part(name, value as object)]),
    ) as unknown as HttpStore,
  });
};

type Verb = (...args: unknown[]) => unknown;

const isVerb = (value: unknown): value is Verb => typeof value === 'function';
