import type { Store } from '@pawl/core/store';

/** The parts of a store that HTTP works with. */
export type HttpStore = Pick<Store, 'sessions' | 'blocklist' | 'apiKeys' | 'rateLimits'>;

/** A store that does as a test says. */
export interface FailingStore {
  readonly store: HttpStore;
  /** Whether every call fails, or those of these verbs: `sessions.find`. */
  down: boolean | readonly string[];
  /** Every call since the last look: `sessions.find`. */
  calls: string[];
  /** All that it was ever given, as text. */
  readonly given: string[];
  /** Changes what a verb answers. */
  answer: ((verb: string, answer: unknown) => unknown) | undefined;
}

/** What the driver of a store that fails says: nothing that a client may read. */
export const driverMessage = 'connect ECONNREFUSED 10.0.0.5:6379';

/** Lays a test's hand on every verb of a store. */
export const failingStore = (real: HttpStore): FailingStore => {
  const state: FailingStore = {
    store: real,
    down: false,
    calls: [],
    given: [],
    answer: undefined,
  };
  const part = <Part extends object>(name: string, target: Part): Part =>
    new Proxy(target, {
      get: (_, verb) => {
        const value: unknown = Reflect.get(target, verb);
        // A subscription is no request of anybody's.
        if (!isVerb(value) || verb === 'subscribe') return value;
        return (...args: unknown[]) => called(`${name}.${String(verb)}`, target, value, args);
      },
    });
  const called = async (
    verb: string,
    target: object,
    real: Verb,
    args: unknown[],
  ): Promise<unknown> => {
    state.calls.push(verb);
    state.given.push(JSON.stringify(args));
    if (state.down === true || (state.down && state.down.includes(verb))) {
      throw new Error(driverMessage);
    }
    const answer: unknown = await Reflect.apply(real, target, args);
    return state.answer ? state.answer(verb, answer) : answer;
  };
  return Object.assign(state, {
    store: Object.fromEntries(
      Object.entries(real).map(([name, value]) => [name, part(name, value as object)]),
    ) as unknown as HttpStore,
  });
};

type Verb = (...args: unknown[]) => unknown;

const isVerb = (value: unknown): value is Verb => typeof value === 'function';
