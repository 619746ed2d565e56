import type { Rule } from './expectations.ts';

/** I5 and I6: one user, one end that never moves, and no access token beyond it. */
export const lifetimes: Rule = ({ operations }) => {
  const tokens = operations.flatMap(({ minted }) => minted ?? []);
  const [first] = tokens;
  return tokens.flatMap(({ userId, expiresAt, accessExpiresAt }) => [
    ...(userId === first?.userId ? [] : ['I5: it answered to two users']),
    ...(expiresAt === first?.expiresAt ? [] : ['I6: its absolute expiry moved']),
    ...(accessExpiresAt <= expiresAt ? [] : ['I6: an access token outlives it']),
  ]);
};
