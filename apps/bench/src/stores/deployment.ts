import { createSessions, generateSecret, type SessionInput, type Sessions } from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import type { SessionStore, Store } from '@pawl/core/store';
import { defaultPolicy, newSession, rotationInput } from '@pawl/testkit';

/** Creates sessions with JWTs signed by HS256, of which every refresh rotates. */
export const deploy = (store: Pick<Store, 'sessions'>): Sessions<object, object> =>
  createSessions<object, object>({
    store,
    secrets: [generateSecret()],
    accessToken: jwtAccessTokens({
      issuer: 'https://auth.example.test',
      audience: 'https://api.test',
    }),
    limit: 'none',
    // No settling, so that no refresh returns the same pair again.
    settlePeriod: 0,
  });

/** The input of a login from a browser. */
export const login = (userId: string): SessionInput<object, object> => ({
  userId,
  claims: { role: 'editor' },
  device: {
    ip: '192.0.2.7',
    userAgent:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36',
  },
});

/** Rotates one session repeatedly. */
export interface Rotator {
  readonly rotate: () => Promise<void>;
}

/** A whole rotation, from token to token. */
export const wholeRotator = async (
  sessions: Sessions<object, object>,
  userId: string,
): Promise<Rotator> => {
  let token = (await sessions.create(login(userId))).refreshToken;
  return {
    rotate: async () => {
      const { refreshToken, outcome } = await sessions.refresh(token);
      if (outcome !== 'rotated') throw new Error(`the refresh returned ${outcome}`);
      token = refreshToken;
    },
  };
};

/** The store's rotation alone: no token is read, created or signed. */
export const storeRotator = async (store: SessionStore): Promise<Rotator> => {
  const session = newSession();
  await store.create(session);
  let request = rotationInput(session.sessionId, 0);
  const policy = { ...defaultPolicy, settlePeriod: 0 };
  return {
    rotate: async () => {
      const { kind } = await store.rotate({ ...request, policy });
      if (kind !== 'rotated') throw new Error(`the store returned ${kind}`);
      const { generation, next } = request;
      // Every next generation is the same, because hashing is not part of the store's work.
      request = { ...request, generation: generation + 1, tokenHash: next.tokenHash };
    },
  };
};
