import type { Expectations, Rule } from './expectations.ts';
import { acceptances, type Operation } from './operation.ts';

const isAcknowledged = ({ kind, outcome }: Operation): boolean =>
  kind === 'revoke' && (outcome === 'revoked' || outcome === 'already_revoked');

/** In µs: how long a node that lives takes to do its revocations again, once the store is back. */
const repeating = 1_000_000;

/** From when on a revocation holds: at once, but for one that the store may have lost since. */
const holdsFrom = ({ answered }: Operation, { losses }: Expectations): number =>
  Math.max(
    answered,
    ...losses
      .filter(([from, to]) => answered >= from && answered <= to)
      .map(([, to]) => to + repeating),
  );

/** I3: what is called after a revocation was acknowledged is refused. */
export const revocation: Rule = ({ operations }, expectations) => {
  const acknowledged = operations.filter(isAcknowledged);
  const since = Math.min(...acknowledged.map((operation) => holdsFrom(operation, expectations)));
  return operations
    .filter(({ invoked, outcome }) => invoked > since && acceptances.has(outcome))
    .map(({ kind, outcome }) => `${kind} was ${outcome} after the revocation`);
};

/** Revocations that were acknowledged, lost by the store, and did not hold for a moment or for good. */
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
