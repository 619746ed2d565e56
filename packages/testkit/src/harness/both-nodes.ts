import type { Trial } from './trial.ts';

/**
 * Makes all calls at the same time, each on both nodes with the same input, as a driver does that sends a
 * call again while the first one is in flight.
 */
export const callOnBothNodes = <S extends object, T, R>(
  t: Trial<S>,
  inputs: readonly T[],
  call: (store: S, input: T) => Promise<R>,
): Promise<[R, R][]> =>
  Promise.all(
    inputs.map((input, i) => {
      const [one, other] = i % 2 ? [t.second, t.store] : [t.store, t.second];
      return Promise.all([call(one, input), call(other, input)]);
    }),
  );

/** Checks that exactly one caller wins and that both of its replies say so. Returns its index. */
export const winnerOf = <S extends object, R>(
  t: Trial<S>,
  outcomes: readonly (readonly [R, R])[],
  won: (outcome: R) => boolean,
): number => {
  const winners = outcomes.flatMap(([first, again], i) => (won(first) || won(again) ? [i] : []));
  t.same(winners.length, 1, 'one caller wins');
  const [winner = -1] = winners;
  t.same(outcomes[winner]?.map(won), [true, true], 'both replies say so');
  return winner;
};
