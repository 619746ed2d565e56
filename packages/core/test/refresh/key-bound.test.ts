import { RefreshRefusedError } from '@pawl/core';
import { describe, expect, it } from 'vitest';
import { codeOf, deploy, jwt, minute } from '../deployment.ts';

const key = 'A'.repeat(43);
const other = 'B'.repeat(43);

describe('a session that is bound to a key', () => {
  it('DP-12, DP-14: is refreshed only with a proof of that key, and a refusal consumes nothing', async () => {
    const { node, pass, types, sessions } = deploy();
    const one = node();
    const first = await one.create({ userId: 'ann', jkt: key });
    pass(5 * minute);
    const before = await sessions.part.find(first.sessionId);
    types();
    for (const proof of [undefined, { jkt: other }, { jkt: '' }]) {
      for (let i = 0; i < 10; i++) {
        expect(await codeOf(one.refresh(first.refreshToken, { proof }))).toBe(
          'ERR_REFRESH_REFUSED',
        );
      }
    }
    expect(new Set(types())).toStrictEqual(new Set(['session.refused']));
    expect((await sessions.part.find(first.sessionId))?.record).toStrictEqual(before?.record);

    const second = await one.refresh(first.refreshToken, { proof: { jkt: key } });
    expect(second.outcome).toBe('rotated');
    // The successor is bound too. A replay without the key is refused and counts as no strike.
    pass(5 * minute);
    for (const token of [first.refreshToken, second.refreshToken]) {
      expect(await codeOf(one.refresh(token, { proof: { jkt: other } }))).toBe(
        'ERR_REFRESH_REFUSED',
      );
    }
    const third = await one.refresh(second.refreshToken, { proof: { jkt: key } });
    expect(third.outcome).toBe('rotated');
    expect(await one.verify(third.accessToken)).toMatchObject({ jkt: key });
  });

  it('is marked in its refresh token: other sessions are not read before they rotate', async () => {
    const { node, sessions } = deploy();
    const one = node();
    const bound = await one.create({ userId: 'ann', jkt: key });
    const plain = await one.create({ userId: 'ann' });
    const proof = { jkt: key };
    expect(await sessions.costOf(() => one.refresh(bound.refreshToken, { proof }))).toStrictEqual([
      'find',
      'rotate',
    ]);
    expect(await sessions.costOf(() => one.refresh(plain.refreshToken))).toStrictEqual(['rotate']);
  });

  it('stays bound through a step-up and a change of claims', async () => {
    const { node } = deploy();
    const one = node(jwt());
    const { sessionId } = await one.create({ userId: 'ann', jkt: key });
    await one.update(sessionId, () => ({ claims: { role: 'admin' } }));
    const { refreshToken } = await one.elevate(sessionId);
    expect(await codeOf(one.refresh(refreshToken))).toBe('ERR_REFRESH_REFUSED');
    const next = await one.refresh(refreshToken, { proof: { jkt: key } });
    expect(await one.verify(next.accessToken)).toMatchObject({ jkt: key });
  });

  it('can be logged out by its refresh token alone', async () => {
    const { node } = deploy();
    const one = node();
    const { refreshToken } = await one.create({ userId: 'ann', jkt: key });
    expect(await one.revokeByToken(refreshToken)).toBe('revoked');
    // Without a proof the caller does not even learn that it has ended.
    expect(await codeOf(one.refresh(refreshToken))).toBe('ERR_REFRESH_REFUSED');
    expect(await codeOf(one.refresh(refreshToken, { proof: { jkt: key } }))).toBe(
      'ERR_SESSION_REVOKED',
    );
  });

  it('is missing if the store lost it, as nothing names its key any more', async () => {
    const { node, types } = deploy();
    const gone = await deploy().node().create({ userId: 'ann', jkt: key });
    expect(await codeOf(node().refresh(gone.refreshToken, { proof: { jkt: key } }))).toBe(
      'ERR_SESSION_NOT_FOUND',
    );
    expect(types()).toStrictEqual(['session.missed']);
  });

  it('requires its key before the application is asked', async () => {
    const { node } = deploy();
    const asked: unknown[] = [];
    const one = node({
      authorizeRefresh: ({ context }) => {
        asked.push(context);
        throw new RefreshRefusedError('no');
      },
    });
    const { refreshToken } = await one.create({ userId: 'ann', jkt: key });
    expect(await codeOf(one.refresh(refreshToken, { context: 'a' }))).toBe('ERR_REFRESH_REFUSED');
    expect(asked).toStrictEqual([]);
    expect(await codeOf(one.refresh(refreshToken, { context: 'b', proof: { jkt: key } }))).toBe(
      'ERR_REFRESH_REFUSED',
    );
    expect(asked).toStrictEqual(['b']);
  });

  it('a proof has no effect for a session without a key', async () => {
    const { node } = deploy();
    const { refreshToken } = await node().create({ userId: 'ann' });
    expect(await node().refresh(refreshToken, { proof: { jkt: key } })).toMatchObject({
      outcome: 'rotated',
    });
  });
});
