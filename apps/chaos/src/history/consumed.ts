import { mayBeLost, type Rule } from './expectations.ts';
import { exchanges, type Operation } from './operation.ts';

/** The error of a measured age, by scheduling and by rounding to ms. In µs. */
const tolerance = 1_000_000;

/**
 * I4: a token whose successor has itself been rotated never returns tokens. A token whose successor
 * is confirmed returns tokens only within the grace period.
 */
export const consumed: Rule = ({ operations }, expectations) => {
  const accepted = operations.filter(
    (operation) => exchanges.has(operation.outcome) && !mayBeLost(operation, expectations),
  );
  const problems: string[] = [];
  for (const operation of accepted) {
    const { generation, invoked } = operation;
    const earlier = accepted.filter(({ answered }) => answered < invoked);
    if (earlier.some(({ minted }) => (minted?.generation ?? 0) >= generation + 2)) {
      problems.push(
        `generation ${generation} got tokens after generation ${generation + 2} existed`,
      );
    } else if (isLate(operation, earlier, expectations.gracePeriod)) {
      problems.push(`generation ${generation} got tokens long after its successor was confirmed`);
    }
  }
  return problems;
};

const isLate = (
  { generation, invoked }: Operation,
  earlier: readonly Operation[],
  gracePeriod: number,
): boolean => {
  const confirmed = earlier.some((other) => other.generation === generation + 1);
  const age = invoked - graceStart(generation, earlier, gracePeriod);
  return confirmed && age > gracePeriod * 1_000 + tolerance;
};

/** When the grace period started: at the rotation, or at a replay after the grace period. */
const graceStart = (
  generation: number,
  earlier: readonly Operation[],
  gracePeriod: number,
): number =>
  earlier
    .filter((other) => other.generation === generation && other.minted !== null)
    .reduce(
      (start, { invoked, answered }) => (invoked - start > gracePeriod * 1_000 ? answered : start),
      -Infinity,
    );
