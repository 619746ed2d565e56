import { acknowledged } from './acknowledged.ts';
import { availability } from './availability.ts';
import { cause } from './cause.ts';
import { consumed } from './consumed.ts';
import type { Expectations, Rule } from './expectations.ts';
import { lifetimes } from './lifetimes.ts';
import { linearizable } from './linearizable.ts';
import { oneSuccessor } from './one-successor.ts';
import type { Operation } from './operation.ts';
import { revocation } from './revocation.ts';

/** A broken rule, and the calls that show it. */
export interface Violation {
  readonly rule: string;
  readonly problem: string;
  readonly sessionId: string;
  readonly trace: readonly Operation[];
}

const rules: Readonly<Record<string, Rule>> = {
  'I1 one successor': oneSuccessor,
  'I2 cause': cause,
  'I3 revocation': revocation,
  'I4 consumed': consumed,
  'I5, I6 lifetimes': lifetimes,
  'E5 linearizable': linearizable,
  acknowledged,
  availability,
};

/** Checks a history against all rules. */
export const checkHistory = (
  operations: readonly Operation[],
  expectations: Expectations,
): Violation[] => {
  const sessions = Map.groupBy(operations, ({ sessionId }) => sessionId);
  return [...sessions].flatMap(([sessionId, unordered]) => {
    const trace = unordered.toSorted((a, b) => a.invoked - b.invoked);
    return Object.entries(rules).flatMap(([rule, holds]) =>
      holds({ sessionId, operations: trace }, expectations).map((problem) => ({
        rule,
        problem,
        sessionId,
        trace,
      })),
    );
  });
};
