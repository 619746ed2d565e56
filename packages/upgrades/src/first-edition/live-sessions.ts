import { RefreshRetryError, ReuseDetectedError, TokenInvalidError } from '@pawl/core';
import { describe, expect, it } from 'vitest';
import type { Upgraded } from './first-edition.ts';
import { expectToGoOn, nthNewest, UpgradedSessions } from './sessions.ts';

const claims = { role: 'reader', name: 'Zoë 🦉' };

/** The sessions whose client has the current tokens, with their claims. */
const current: readonly (readonly [name: string, claims: object])[] = [
  ['created', claims],
  ['plain', {}],
  ['rotated', claims],
  ['replayedLate', claims],
  ['struck', claims],
  ['elevated', claims],
  ['elevatedAndRotated', claims],
  ['updated', { ...claims, theme: 'green' }],
  ['jwt', claims],
];

export const testLiveSessions = (upgraded: Upgraded): void => {
  describe('a live session of the first edition', () => {
    const soon = upgraded.age === 0;
    const open = (name: string): UpgradedSessions =>
      new UpgradedSessions(upgraded, name, name.startsWith('jwt') ? 'jwt' : 'opaque');

    for (const name of ['unconfirmed', 'unconfirmedLater', 'replayed', 'jwtUnconfirmed']) {
      it(`${name}: its client lost the reply, and gets the tokens of that reply`, async () => {
        const { sessions, kept, record } = open(name);
        const { refreshTokens, accessTokens } = kept;
        const before = await record();
        const replayed = await sessions.refresh(nthNewest(refreshTokens, 1));
        expect(replayed.outcome).toBe('replayed');
        expect(replayed.refreshToken).toBe(nthNewest(refreshTokens, 0));
        // A late replay gets an access token that counts from now.
        expect(replayed.accessToken === nthNewest(accessTokens, 0)).toBe(soon);
        const after = await record();
        expect([after.lateRun, after.lateReplayAt === null]).toEqual(soon ? [0, true] : [1, false]);
        expect(after.rotatedAt).toBe(before.rotatedAt);
        await expectToGoOn(sessions, replayed, claims);
      });
    }

    it('watched: a token from two generations before ends it', async () => {
      const { sessions, kept, record } = open('watched');
      const { refreshTokens, accessTokens } = kept;
      await sessions.verify(nthNewest(accessTokens, 0));
      const stolen = sessions.refresh(nthNewest(refreshTokens, 2));
      await expect(stolen).rejects.toThrow(ReuseDetectedError);
      expect((await record()).revokedReason).toBe('reuse_detected');
    });

    it('elevated: what came before the step-up gives nothing, and ends nothing', async () => {
      const { sessions, kept } = open('elevated');
      const { refreshTokens, accessTokens } = kept;
      const older = sessions.refresh(nthNewest(refreshTokens, 1));
      await expect(older).rejects.toThrow(soon ? RefreshRetryError : TokenInvalidError);
      await expect(sessions.verify(nthNewest(accessTokens, 1))).rejects.toThrow(TokenInvalidError);
      expect((await sessions.verify(nthNewest(accessTokens, 0))).acr).toBe('2');
    });

    it('updated: its data is there, and can be written', async () => {
      const { sessions, kept, record } = open('updated');
      const { sessionId } = kept;
      expect((await record()).dataVersion).toBe(3);
      expect((await sessions.get(sessionId)).data).toMatchObject({ theme: 'green' });
      const { data } = await sessions.update(sessionId, (session) => ({
        data: { ...session.data, theme: 'black' },
      }));
      expect(data).toMatchObject({ theme: 'black', list: expect.any(Array) });
      expect((await record()).dataVersion).toBe(4);
    });

    it('evicting: it is stepped up', async () => {
      const { sessions, kept, record } = open('evicting');
      await sessions.verify(nthNewest(kept.accessTokens, 0));
      const elevated = await sessions.elevate(kept.sessionId, { acr: '2' });
      expect((await sessions.verify(elevated.accessToken)).acr).toBe('2');
      expect((await record()).floor).toBe(1);
      await expectToGoOn(sessions, elevated, claims);
    });

    it('otherDevice: it is resumed by its token in a cookie', async () => {
      const { sessions, kept } = open('otherDevice');
      const refreshToken = nthNewest(kept.refreshTokens, 0);
      const { auth, renewed } = await sessions.resume(refreshToken, { canRenew: true });
      expect(auth.sessionId).toBe(kept.sessionId);
      expect(renewed?.outcome).toBe(soon ? undefined : 'rotated');
      await expectToGoOn(sessions, { ...kept, refreshToken, ...renewed }, claims);
    });

    it.each(current)('%s: it is verified, refreshed and logged out', async (name, expected) => {
      const { sessions, kept, record } = open(name);
      const accessToken = nthNewest(kept.accessTokens, 0);
      const { sessionId, userId, claims: carried } = await sessions.verify(accessToken);
      expect([sessionId, userId]).toEqual([kept.sessionId, kept.userId]);
      expect(carried).toEqual(expected);
      const { generation } = await record();
      const refreshToken = nthNewest(kept.refreshTokens, 0);
      const { outcome } = await expectToGoOn(sessions, { ...kept, refreshToken }, expected);
      expect(outcome).toBe(soon && generation > 0 ? 'settled' : 'rotated');
    });
  });
};
