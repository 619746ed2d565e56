import { SessionRevokedError } from '@pawl/core';
import { newCallId } from '@pawl/core/store';
import { describe, expect, it } from 'vitest';
import type { Upgraded } from './first-edition.ts';
import { nthNewest, UpgradedSessions } from './sessions.ts';

const reasons = [
  ['loggedOut', 'logout'],
  ['stolen', 'reuse_detected'],
  ['evicted', 'evicted'],
  ['revokedByDevice', 'password_changed'],
] as const;

export const testEndedSessions = (upgraded: Upgraded): void => {
  describe('a session that the first edition has ended', () => {
    it.each(reasons)('%s: it stays ended, for the same reason', async (name, reason) => {
      const { sessions, kept, record } = new UpgradedSessions(upgraded, name);
      const before = await record();
      expect(before).toMatchObject({ revokedReason: reason, revokedBy: null });
      const [refreshToken, accessToken] = [
        nthNewest(kept.refreshTokens, 0),
        nthNewest(kept.accessTokens, 0),
      ];
      await expect(sessions.refresh(refreshToken)).rejects.toThrow(SessionRevokedError);
      await expect(sessions.verify(accessToken)).rejects.toThrow(SessionRevokedError);
      await expect(sessions.resume(refreshToken)).rejects.toThrow(SessionRevokedError);
      expect(await sessions.revoke(kept.sessionId, { reason: 'again' })).toBe('already_revoked');
      const { store } = upgraded.opened();
      const input = { userId: kept.userId, reason: 'again', callId: newCallId() };
      expect((await store.sessions.revokeAll(input)).revoked).not.toContain(kept.sessionId);
      expect(await record()).toEqual(before);
    });
  });
};
