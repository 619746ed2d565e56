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

/** Whole rotations against what the store's own command costs, called directly. */
export const compareRotations = async (
  title: string,
  whole: readonly Rotator[],
  bare: readonly Rotator[],
  atMost: { readonly alone: number; readonly inFlight: number },
  rounds: number,
): Promise<Section[]> => {
  const sections: Section[] = [];
  for (const [inFlight, bound] of [
    [1, atMost.alone],
    [manyInFlight, atMost.inFlight],
  ] as const) {
    const times = inFlight === 1 ? 256 : 1_024;
    const names = { whole: 'refresh, from token to token', bare: 'the bare command' };
    const candidate = (name: string, rotators: readonly Rotator[]) => ({
      name,
      run: () => rotateAll(rotators, inFlight, times),
    });
    const { time, processor } = await measureBoth<number>({
      title: `${title}, ${inFlight === 1 ? 'alone' : `${inFlight} in flight`}`,
      rounds,
      prepare: () => Array.from({ length: times }, (_, i) => i),
      candidates: [candidate(names.whole, whole), candidate(names.bare, bare)],
    });
    const ratio = (measured: Measured): Rule => ({
      name: `${names.whole} ÷ ${names.bare}`,
      ratio: ratioOf(measured, names.bare, names.whole),
    });
    sections.push(
      { measured: time, rules: [{ ...ratio(time), atMost: bound }] },
      { measured: processor, rules: [ratio(processor)] },
    );
  }
  return sections;
};
