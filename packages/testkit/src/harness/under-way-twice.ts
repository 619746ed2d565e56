import type { Trial } from './trial.ts';

/** Makes all calls at the same time, each on both nodes: sent again while it is under way. */
export const bothAtOnce = <S extends object, T, R>(
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

/** The index of the only caller who has won, who has to be told so by both replies. */
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
