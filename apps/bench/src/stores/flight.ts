import { type Measured, measureBoth, ratioOf } from '../measuring/measure.ts';
import type { Rule, Section } from '../measuring/report.ts';
import type { Rotator } from './deployment.ts';

/** How many rotations are under way at a time, each of a session of its own. */
export const manyInFlight = 64;

/** Alone: one after the other. In flight: all sessions at once, again and again. */
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

/** How a rotation is done: the whole of it, the store's part, and what that sends, called directly. */
export interface Rotators {
  readonly whole: readonly Rotator[];
  readonly store: readonly Rotator[];
  readonly bare: readonly Rotator[];
}

/** How many times as long as the bare command it may take. */
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
    const ratio = (measured: Measured, kind: 'whole' | 'store'): Rule => ({
      name: `${names[kind]} ÷ ${names.bare}`,
      ratio: ratioOf(measured, names.bare, names[kind]),
    });
    const bounded = (kind: 'whole' | 'store'): Rule => {
      const bound = bounds[kind];
      return { ...ratio(time, kind), ...(bound !== undefined && { atMost: bound }) };
    };
    sections.push(
      { measured: time, rules: [bounded('whole'), bounded('store')] },
      { measured: processor, rules: [ratio(processor, 'whole'), ratio(processor, 'store')] },
    );
  }
  return sections;
};
