import { mayBeLost, type Rule } from './expectations.ts';
import { exchanges, type Operation } from './operation.ts';

/** In µs: how much a measured age may be off, by scheduling and by whole milliseconds. */
const tolerance = 1_000_000;

/**
 * I4: a token whose successor's successor exists never mints, and one whose
 * successor is confirmed mints only within the grace period.
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
      problems.push(`generation ${generation} minted after it was consumed twice over`);
    } else if (isLate(operation, earlier, expectations.gracePeriod)) {
      problems.push(`generation ${generation} minted after its successor was confirmed`);
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
  return confirmed && invoked - graceBegan(generation, earlier, gracePeriod) > late(gracePeriod);
};

/** The rotation, or a replay after the grace period: the device that came back gets another one. */
const graceBegan = (
  generation: number,
  earlier: readonly Operation[],
  gracePeriod: number,
): number =>
  earlier
    .filter((other) => other.generation === generation && other.minted !== null)
    .reduce(
      (began, { invoked, answered }) => (invoked - began > gracePeriod * 1_000 ? answered : began),
      -Infinity,
    );

/** In µs. */
const late = (gracePeriod: number): number => gracePeriod * 1_000 + tolerance;
