import { createSessions, generateSecret, opaqueAccessTokens } from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../memory-store.ts';

const deep = (levels: number): object => (levels === 0 ? {} : { in: deep(levels - 1) });

const unfit: readonly (readonly [string, object])[] = [
  ['a member named __proto__', JSON.parse('{"__proto__":{"role":"admin"}}') as object],
  ['a nested member named __proto__', { team: JSON.parse('{"__proto__":1}') as object }],
  ['more nesting than a token may have', deep(40)],
  ['a reserved name', { sub: 'eve' }],
];

describe.each([
  ['opaque', opaqueAccessTokens()],
  ['jwt', jwtAccessTokens({ issuer: 'https://issuer.example', audience: 'api' })],
])('claims in %s access tokens', (_, accessToken) => {
  const sessions = createSessions<object>({
    store: createMemoryStore(),
    secrets: [generateSecret()],
    accessToken,
  });

  it.each(unfit)(
    'refuse %s at login and in an update, and nothing is lost',
    async (_name, claims) => {
      const refused = { code: 'ERR_INPUT_INVALID' };
      await expect(sessions.create({ userId: 'eve', claims })).rejects.toMatchObject(refused);
      const { sessionId, refreshToken } = await sessions.create({ userId: 'ada' });
      await expect(sessions.update(sessionId, () => ({ claims }))).rejects.toMatchObject(refused);
      const { outcome, accessToken: next } = await sessions.refresh(refreshToken);
      expect(outcome).toBe('rotated');
      expect((await sessions.verify(next)).claims).toEqual({});
      expect(await sessions.list('eve')).toEqual([]);
    },
  );

  it('are refreshed and verified after they were accepted', async () => {
    const claims = { role: 'admin', teams: [{ id: 1 }], deep: deep(20), text: '\ud83d\udd11' };
    const { sessionId, refreshToken } = await sessions.create({ userId: 'ada' });
    await sessions.update(sessionId, () => ({ claims }));
    const { accessToken: next } = await sessions.refresh(refreshToken);
    expect((await sessions.verify(next)).claims).toEqual(claims);
  });
});
