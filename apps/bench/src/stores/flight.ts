import type { Store } from '@pawl/core/store';
import { type Measured, measureBoth, ratioOf } from '../measuring/measure.ts';
import type { Rule, Section } from '../measuring/report.ts';
import { deploy, type Rotator, storeRotator, wholeRotator } from './deployment.ts';

/** The number of parallel rotations, each of a different session. */
const manyInFlight = 64;

/** Alone: one rotation after the other. In flight: all sessions in parallel, repeatedly. */
const rotateAll = async (
  rotators: readonly Rotator[],
  inFlight: number,
  times: number,
): Promise<void> => {
  for (let done = 0; done < times; done += inFlight) {
    if (inFlight === 1) await rotators[done % rotators.length]?.rotate();
    else await Promise.all(rotators.map(({ rotate }) => rotate()));
  }
};

/** Three kinds of rotation: from token to token, by the store alone, and by its bare command. */
export interface Rotators {
  readonly whole: readonly Rotator[];
  readonly store: readonly Rotator[];
  readonly bare: readonly Rotator[];
}

/**
 * Creates rotators for {@link compareRotations}.
 *
 * @param watchedStore the same store through a client that records its last command
 * @param bareRotator creates a rotator that repeats the recorded command
 */
export const createRotators = async (
  store: Pick<Store, 'sessions'>,
  watchedStore: Pick<Store, 'sessions'>,
  bareRotator: () => Rotator,
): Promise<Rotators> => {
  const sessions = deploy(store);
  const watchedSessions = deploy(watchedStore);
  const whole: Rotator[] = [];
  const ofStore: Rotator[] = [];
  const bare: Rotator[] = [];
  for (let user = 0; user < manyInFlight; user++) {
    whole.push(await wholeRotator(sessions, `whole-${user}`));
    ofStore.push(await storeRotator(store.sessions));
    await (await wholeRotator(watchedSessions, `bare-${user}`)).rotate();
    bare.push(bareRotator());
  }
  return { whole, store: ofStore, bare };
};

/** The maximum time as a multiple of the bare command. */
export type Bounds = Readonly<Partial<Record<'whole' | 'store', number>>>;

const names = {
  whole: 'refresh, from token to token',
  store: 'the rotation of the store',
  bare: 'the bare command',
} as const;

export const compareRotations = async (
  title: string,
  rotators: Rotators,
  atMost: { readonly alone: Bounds; readonly inFlight: Bounds },
  rounds: number,
): Promise<Section[]> => {
  const sections: Section[] = [];
  for (const [inFlight, bounds] of [
    [1, atMost.alone],
    [manyInFlight, atMost.inFlight],
  ] as const) {
    const times = inFlight === 1 ? 256 : 1_024;
    const candidate = (kind: keyof Rotators) => ({
      name: names[kind],
      run: () => rotateAll(rotators[kind], inFlight, times),
    });
    const { time, processor } = await measureBoth<number>({
      title: `${title}, ${inFlight === 1 ? 'alone' : `${inFlight} in flight`}`,
      rounds,
      prepare: () => Array.from({ length: times }, (_, i) => i),
      candidates: [candidate('whole'), candidate('store'), candidate('bare')],
    });
    const ruleOf = (measured: Measured, kind: 'whole' | 'store'): Rule => ({
      name: `${names[kind]} ÷ ${names.bare}`,
      ratio: ratioOf(measured, names.bare, names[kind]),
    });
    const boundedRuleOf = (kind: 'whole' | 'store'): Rule => {
      const bound = bounds[kind];
      return { ...ruleOf(time, kind), ...(bound !== undefined && { atMost: bound }) };
    };
    sections.push(
      { measured: time, rules: [boundedRuleOf('whole'), boundedRuleOf('store')] },
      { measured: processor, rules: [ruleOf(processor, 'whole'), ruleOf(processor, 'store')] },
    );
  }
  return sections;
};
