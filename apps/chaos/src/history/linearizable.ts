import type { Rule } from './expectations.ts';
import type { Operation } from './operation.ts';

/**
 * E5: the generation is a register, which `rotated` changes from g to g+1 by compare-and-set and
 * every other outcome reads. It only increases, so a history is linearizable if each step from g to
 * g+1 fits between two bounds: no call that read less may begin after it, and no call that read
 * more may end before it.
 */
export const linearizable: Rule = ({ operations }, { losses, unavailable }) => {
  if (losses.length > 0) return [];
  const problems: string[] = [];
  const newest = Math.max(0, ...operations.map(valueRead));
  let earliest = -Infinity;
  for (let generation = 1; generation <= newest; generation++) {
    const step = bounds(operations, generation, unavailable);
    if (!step) {
      problems.push(`no call created generation ${generation}`);
      continue;
    }
    earliest = Math.max(earliest, step.earliest);
    if (earliest > step.latest) {
      problems.push(`generation ${generation} cannot be placed between the other calls`);
    }
  }
  return problems;
};

/** The earliest and the latest time of the step to a generation. */
const bounds = (
  operations: readonly Operation[],
  generation: number,
  resent: boolean,
): { earliest: number; latest: number } | null => {
  const writers = operations.filter((one) => stepTo(one, resent) === generation);
  const rotated = writers.find(({ outcome }) => outcome === 'rotated');
  if (writers.length === 0) return null;
  const readLess = operations.filter((one) => readOf(one) === generation - 1);
  const readMore = operations.filter((one) => valueRead(one) >= generation);
  const begun = rotated ? [rotated.invoked] : [Math.min(...writers.map(({ invoked }) => invoked))];
  return {
    earliest: Math.max(...begun, ...readLess.map(({ invoked }) => invoked)),
    latest: Math.min(rotated?.answered ?? Infinity, ...readMore.map(({ answered }) => answered)),
  };
};

/**
 * The generation that a call created or may have created (because its reply was lost, or because
 * its driver re-sent it after a lost connection); otherwise -1.
 */
const stepTo = ({ kind, outcome, generation }: Operation, resent: boolean): number => {
  if (kind !== 'refresh') return -1;
  const made =
    outcome === 'rotated' ||
    outcome === 'ERR_STORE_UNAVAILABLE' ||
    (resent && outcome === 'replayed');
  return made ? generation + 1 : -1;
};

/** The generation that a call read without changing it; -1 if it read none. */
const readOf = ({ kind, outcome, generation }: Operation): number => {
  if (kind !== 'refresh') return -1;
  if (outcome === 'settled') return generation;
  return outcome === 'replayed' || outcome === 'ERR_REFRESH_RETRY' ? generation + 1 : -1;
};

/** The generation that existed before a call returned. */
const valueRead = (operation: Operation): number =>
  operation.outcome === 'rotated' ? operation.generation : readOf(operation);
