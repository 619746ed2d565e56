import { mayBeLost, type Rule } from './expectations.ts';
import { acceptances, logouts, type Operation } from './operation.ts';

/** Whatever an honest client may be answered without being served or logged out. */
const refusals: ReadonlySet<string> = new Set(['ERR_REFRESH_RETRY']);
const achievements: ReadonlySet<string> = new Set([
  ...acceptances,
  'created',
  'revoked',
  'already_revoked',
  'missing',
]);

/** What HTTP answers 5xx for comes only where the experiment has caused it. */
export const availability: Rule = ({ operations }, expectations) =>
  operations
    .filter((operation) => !isExpected(operation, operations, expectations))
    .map(({ kind, outcome, detail }) => `${kind}: ${outcome}${detail ? ` (${detail})` : ''}`);

const isExpected = (
  { kind, outcome, generation }: Operation,
  operations: readonly Operation[],
  expectations: Parameters<Rule>[1],
): boolean => {
  if (achievements.has(outcome) || refusals.has(outcome) || logouts.has(outcome)) return true;
  if (outcome === 'ERR_STORE_UNAVAILABLE') return expectations.unavailable;
  // An access token of an older generation: not current any more, and no logout.
  if (kind === 'verify' && outcome === 'ERR_TOKEN_INVALID') return true;
  if (outcome !== 'ERR_STORE_REGRESSION') return false;
  const acknowledged = operations.filter(({ minted }) => minted?.generation === generation);
  return acknowledged.some((operation) => mayBeLost(operation, expectations));
};
