import { mayBeLost, type Rule } from './expectations.ts';
import { exchanges, type Operation } from './operation.ts';

/**
 * Every acknowledged successor works, or its predecessor replays it: at the end, the auditor
 * presents the token that the client holds.
 */
export const acknowledged: Rule = ({ operations }, expectations) => {
  const ended = operations.some(
    ({ kind, actor }) => kind === 'revoke' || (kind === 'refresh' && actor === 'thief'),
  );
  if (ended) return [];
  const minted = operations.filter(
    (operation) =>
      operation.actor !== 'auditor' && operation.minted && !mayBeLost(operation, expectations),
  );
  const newest = minted.reduce<Operation | null>(
    (best, one) => (generationOf(one) > generationOf(best) ? one : best),
    null,
  );
  if (!newest) return [];
  const generation = generationOf(newest);
  const works = operations.some(
    (audit) =>
      audit.actor === 'auditor' &&
      (exchanges.has(audit.outcome) || isLost(audit, operations, expectations)) &&
      (audit.generation > generation ||
        audit.token === newest.minted?.token ||
        audit.minted?.token === newest.minted?.token),
  );
  return works ? [] : [`the acknowledged generation ${generation} no longer works`];
};

/** Whether a token was refused because the store has lost an acknowledged write. */
const isLost = (
  { outcome, generation }: Operation,
  operations: readonly Operation[],
  expectations: Parameters<Rule>[1],
): boolean =>
  (outcome === 'ERR_STORE_REGRESSION' || outcome === 'ERR_SESSION_NOT_FOUND') &&
  operations.some(
    (operation) =>
      operation.minted?.generation === generation && mayBeLost(operation, expectations),
  );

const generationOf = (operation: Operation | null): number => operation?.minted?.generation ?? -1;
