import type { Clock } from '@pawl/core';

/** Tokens that an API refused although they are new, so that another new one would not help. */
export interface RefusedTokens {
  readonly has: (sessionId: string, origin: string, accessToken: string) => boolean;
  readonly add: (sessionId: string, origin: string, accessToken: string) => void;
}

/** In ms: how long a refusal is not met with a refresh. */
const lifetime = 30_000;

/** How many refusals are remembered. */
const capacity = 10_000;

export const createRefusedTokens = (clock: Clock): RefusedTokens => {
  const refused = new Map<string, { readonly accessToken: string; readonly until: number }>();
  const keyOf = (sessionId: string, origin: string): string => `${sessionId}\n${origin}`;
  return {
    has: (sessionId, origin, accessToken) => {
      const found = refused.get(keyOf(sessionId, origin));
      return found?.accessToken === accessToken && clock() < found.until;
    },
    add: (sessionId, origin, accessToken) => {
      const key = keyOf(sessionId, origin);
      refused.delete(key);
      refused.set(key, { accessToken, until: clock() + lifetime });
      if (refused.size > capacity) refused.delete(refused.keys().next().value as string);
    },
  };
};
