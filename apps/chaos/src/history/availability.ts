import { mayBeLost, type Rule } from './expectations.ts';
import { acceptances, logouts, type Operation } from './operation.ts';

/** Errors that an honest client may receive although it is not logged out. */
const refusals: ReadonlySet<string> = new Set(['ERR_REFRESH_RETRY']);
const successes: ReadonlySet<string> = new Set([
  ...acceptances,
  'created',
  'revoked',
  'already_revoked',
  'missing',
]);

/** Errors that HTTP reports as 5xx occur only where the experiment has caused them. */
export const availability: Rule = ({ operations }, expectations) =>
  operations
    .filter((operation) => !isExpected(operation, operations, expectations))
    .map(({ kind, outcome, detail }) => `${kind}: ${outcome}${detail ? ` (${detail})` : ''}`);

const isExpected = (
  { kind, outcome, generation }: Operation,
  operations: readonly Operation[],
  expectations: Parameters<Rule>[1],
): boolean => {
  if (successes.has(outcome) || refusals.has(outcome) || logouts.has(outcome)) return true;
  if (outcome === 'ERR_STORE_UNAVAILABLE') return expectations.unavailable;
  // An access token of an older generation is no longer accepted, which is not a logout.
  if (kind === 'verify' && outcome === 'ERR_TOKEN_INVALID') return true;
  if (outcome !== 'ERR_STORE_REGRESSION') return false;
  const acknowledged = operations.filter(({ minted }) => minted?.generation === generation);
  return acknowledged.some((operation) => mayBeLost(operation, expectations));
};
