import { createSessions, type IssuedTokens, SessionRevokedError, type Sessions } from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import type { SessionRecord } from '@pawl/core/store';
import { expect } from 'vitest';
import type { KeptSession, Upgraded } from './first-edition.ts';

const year = 365 * 86_400_000;

/** As the first edition was configured when it made the sessions, which are valid for decades. */
const times = {
  absoluteTimeout: 80 * year,
  idleTimeout: 70 * year,
  accessTokenLifetime: 60 * year,
  // The largest: the tests of a moment later take their time.
  gracePeriod: 30_000,
} as const;

type AnySessions = Sessions<Record<string, unknown>, Record<string, unknown>, 'session'>;

/** The API of this version, and one session that the first edition made. */
export class UpgradedSessions {
  readonly sessions: AnySessions;
  readonly kept: KeptSession;
  /** Reads the session's record. */
  readonly record: () => Promise<SessionRecord>;

  constructor({ made, opened }: Upgraded, name: string, format: 'opaque' | 'jwt' = 'opaque') {
    const { store, clock } = opened();
    const kept = made.sessions[name];
    if (!kept) throw new Error(`there is no session "${name}"`);
    this.kept = kept;
    this.sessions = createSessions({
      store,
      secrets: [made.secret],
      ...times,
      ...(clock && { clock }),
      ...(format === 'jwt' && {
        accessToken: jwtAccessTokens({ issuer: 'https://example.com', audience: 'api' }),
      }),
    });
    this.record = async () => {
      const found = await store.sessions.find(kept.sessionId);
      if (!found) throw new Error(`the session "${name}" is gone`);
      return found.record;
    };
  }
}

/** The nth newest token; 0 is the current one. */
export const nthNewest = (tokens: readonly string[], n: number): string => {
  const token = tokens.at(-1 - n);
  if (token === undefined) throw new Error('the session has no such token');
  return token;
};

/** Refreshes a session twice, lists it and logs it out. Returns the tokens of the first refresh. */
export const expectToGoOn = async (
  sessions: AnySessions,
  { sessionId, userId, refreshToken }: Pick<IssuedTokens, 'sessionId' | 'userId' | 'refreshToken'>,
  claims: object,
): Promise<IssuedTokens> => {
  const first = await sessions.refresh(refreshToken);
  const auth = await sessions.verify(first.accessToken);
  expect([auth.sessionId, auth.userId, auth.claims]).toEqual([sessionId, userId, claims]);
  const second = await sessions.refresh(first.refreshToken);
  expect(second.outcome).toBe('settled');
  await sessions.verify(second.accessToken);
  expect((await sessions.list(userId)).map((listed) => listed.sessionId)).toContain(sessionId);
  expect(await sessions.revokeByToken(second.refreshToken, { reason: 'logout' })).toBe('revoked');
  await expect(sessions.refresh(second.refreshToken)).rejects.toThrow(SessionRevokedError);
  await expect(sessions.verify(second.accessToken)).rejects.toThrow(SessionRevokedError);
  expect((await sessions.list(userId)).map((listed) => listed.sessionId)).not.toContain(sessionId);
  return first;
};
