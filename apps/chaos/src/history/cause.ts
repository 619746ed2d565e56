import { mayBeLost, type Rule } from './expectations.ts';
import { logouts } from './operation.ts';

/** I2: no client is logged out without a revocation or a stolen token. */
export const cause: Rule = ({ operations }, expectations) => {
  const causes = operations.filter(
    ({ kind, actor }) => kind === 'revoke' || (kind === 'refresh' && actor === 'thief'),
  );
  const since = Math.min(...causes.map(({ invoked }) => invoked));
  const login = operations.find(({ kind }) => kind === 'login');
  return operations
    .filter(({ outcome, answered }) => logouts.has(outcome) && answered < since)
    .filter(
      ({ outcome }) =>
        // If the store has lost the login, it does not know the session.
        !(outcome === 'ERR_SESSION_NOT_FOUND' && login && mayBeLost(login, expectations)),
    )
    .map(({ outcome, generation }) => `generation ${generation} got ${outcome} without a cause`);
};
