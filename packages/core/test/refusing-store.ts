import type { Store } from '../src/store/store.ts';

/** A store for tests that expect no store call: it counts the calls and fails each. */
export interface RefusingStore extends Store {
  /** Returns how many verbs were called. */
  readonly calls: () => number;
}

export const createRefusingStore = (): RefusingStore => {
  let calls = 0;
  const refuse = async (): Promise<never> => {
    calls += 1;
    throw new Error('no store call is expected');
  };
  return {
    sessions: {
      create: refuse,
      find: refuse,
      rotate: refuse,
      elevate: refuse,
      writeData: refuse,
      touch: refuse,
      revoke: refuse,
      revokeAll: refuse,
      list: refuse,
      deleteExpired: refuse,
    },
    blocklist: { isRevoked: refuse, revoke: refuse, deleteExpired: refuse },
    singleUse: { put: refuse, take: refuse, deleteExpired: refuse },
    apiKeys: {
      create: refuse,
      find: refuse,
      list: refuse,
      revoke: refuse,
      revokeAll: refuse,
      deleteExpired: refuse,
    },
    leases: { acquire: refuse, renew: refuse, release: refuse },
    rateLimits: { consume: refuse, deleteExpired: refuse },
    calls: () => calls,
  };
};
