import { mayBeLost, type Rule } from './expectations.ts';
import { acceptances, type Operation } from './operation.ts';

const isAcknowledged = ({ kind, outcome }: Operation): boolean =>
  kind === 'revoke' && (outcome === 'revoked' || outcome === 'already_revoked');

/** I3: what is called after a revocation was acknowledged is refused. */
export const revocation: Rule = ({ operations }, expectations) => {
  const acknowledged = operations.filter(
    (operation) => isAcknowledged(operation) && !mayBeLost(operation, expectations),
  );
  const since = Math.min(...acknowledged.map(({ answered }) => answered));
  return operations
    .filter(({ invoked, outcome }) => invoked > since && acceptances.has(outcome))
    .map(({ kind, outcome }) => `${kind} was ${outcome} after the revocation`);
};

/** Revocations that were acknowledged, lost by the store, and did not hold. */
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
