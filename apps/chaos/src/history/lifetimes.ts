import type { Rule } from './expectations.ts';

/** I5 and I6: one user, a constant absolute expiry, and no access token that outlives it. */
export const lifetimes: Rule = ({ operations }) => {
  const tokens = operations.flatMap(({ minted }) => minted ?? []);
  const [first] = tokens;
  return tokens.flatMap(({ userId, expiresAt, accessExpiresAt }) => [
    ...(userId === first?.userId ? [] : ['I5: the session has two users']),
    ...(expiresAt === first?.expiresAt ? [] : ['I6: the absolute expiry changed']),
    ...(accessExpiresAt <= expiresAt ? [] : ['I6: an access token outlives the session']),
  ]);
};
