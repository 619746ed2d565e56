import type { Expectations, Rule } from './expectations.ts';
import { acceptances, type Operation } from './operation.ts';

const isAcknowledged = ({ kind, outcome }: Operation): boolean =>
  kind === 'revoke' && (outcome === 'revoked' || outcome === 'already_revoked');

/** How long a node takes to repeat its revocations after the store has returned. In µs. */
const repeatTime = 1_000_000;

/** When a revocation must take effect: immediately, or after it was repeated if it may be lost. */
const effectiveFrom = ({ answered }: Operation, { losses }: Expectations): number =>
  Math.max(
    answered,
    ...losses
      .filter(([from, to]) => answered >= from && answered <= to)
      .map(([, to]) => to + repeatTime),
  );

/** I3: every call after an acknowledged revocation is refused. */
export const revocation: Rule = ({ operations }, expectations) => {
  const acknowledged = operations.filter(isAcknowledged);
  const since = Math.min(
    ...acknowledged.map((operation) => effectiveFrom(operation, expectations)),
  );
  return operations
    .filter(({ invoked, outcome }) => invoked > since && acceptances.has(outcome))
    .map(({ kind, outcome }) => `${kind} was ${outcome} after the revocation`);
};

/** Counts acknowledged revocations that the store has lost, temporarily or permanently. */
export const countLostRevocations = (operations: readonly Operation[]): number => {
  const since = new Map<string, number>();
  for (const operation of operations) {
    const { sessionId, answered } = operation;
    if (!isAcknowledged(operation)) continue;
    since.set(sessionId, Math.min(since.get(sessionId) ?? Infinity, answered));
  }
  const broken = operations.filter(
    ({ sessionId, invoked, outcome }) =>
      acceptances.has(outcome) && invoked > (since.get(sessionId) ?? Infinity),
  );
  return new Set(broken.map(({ sessionId }) => sessionId)).size;
};
