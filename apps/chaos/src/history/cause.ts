import { mayBeLost, type Rule } from './expectations.ts';
import { logouts } from './operation.ts';

/** I2: nobody is logged out unless somebody asked for it, or presented a stolen token. */
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
        // A login that the store has lost leaves nothing that it could tell.
        !(outcome === 'ERR_SESSION_NOT_FOUND' && login && mayBeLost(login, expectations)),
    )
    .map(({ outcome, generation }) => `generation ${generation} got ${outcome} without a cause`);
};
