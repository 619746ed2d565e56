import { type RefreshAuthorization, RefreshRefusedError } from '@pawl/core';
import { describe, expect, it } from 'vitest';
import { type Claims, codeOf, type Data, deploy, errorOf, minute } from '../deployment.ts';

type Asked = RefreshAuthorization<Claims, Data>;

describe('authorizeRefresh', () => {
  it('receives the session and the request context of the caller', async () => {
    const { node, sessions } = deploy();
    const asked: Asked[] = [];
    const one = node({ authorizeRefresh: async (request) => void asked.push(request) });
    const { sessionId, refreshToken } = await one.create({
      userId: 'ann',
      clientId: 'app',
      scope: 'read',
      data: { theme: 'dark' },
    });
    const cost = await sessions.costOf(() =>
      one.refresh(refreshToken, { context: { clientId: 'app' } }),
    );
    expect(cost).toStrictEqual(['find', 'rotate']);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      context: { clientId: 'app' },
      session: { sessionId, clientId: 'app', scope: 'read', data: { theme: 'dark' } },
    });
  });

  it('RT-06, DP-14: consumes nothing if it refuses', async () => {
    const { node, pass, types, sessions } = deploy();
    const one = node({
      authorizeRefresh: ({ session, context }) => {
        if (context !== session.clientId) throw new RefreshRefusedError('another client');
      },
    });
    const first = await one.create({ userId: 'ann', clientId: 'app' });
    pass(5 * minute);
    const before = await sessions.part.find(first.sessionId);
    types();
    for (let i = 0; i < 30; i++) {
      const error = await errorOf(one.refresh(first.refreshToken, { context: 'thief' }));
      expect(error).toMatchObject({ code: 'ERR_REFRESH_REFUSED', message: 'another client' });
    }
    expect(new Set(types())).toStrictEqual(new Set(['session.refused']));
    const after = await sessions.part.find(first.sessionId);
    expect(after?.record).toStrictEqual(before?.record);
    expect((await one.refresh(first.refreshToken, { context: 'app' })).outcome).toBe('rotated');
  });

  it('FC-01: refuses by whatever it throws, which the caller receives', async () => {
    const { node, types } = deploy();
    const failure = new TypeError('the user table is away');
    const one = node({ authorizeRefresh: () => Promise.reject(failure) });
    const { refreshToken } = await one.create({ userId: 'ann' });
    types();
    expect(await errorOf(one.refresh(refreshToken))).toBe(failure);
    expect(types()).toStrictEqual([]);
    expect((await node().refresh(refreshToken)).outcome).toBe('rotated');
  });

  it('is not called for garbage, nor for a session that is missing or has ended', async () => {
    const { node, types, pass } = deploy();
    let asked = 0;
    const one = node({
      authorizeRefresh: () => {
        asked += 1;
        throw new RefreshRefusedError();
      },
    });
    const ended = await one.create({ userId: 'ann' });
    await one.revoke(ended.sessionId);
    const idle = await one.create({ userId: 'ann', idleTimeout: 20 * minute });
    const gone = await deploy().node().create({ userId: 'ann' });
    pass(20 * minute);
    types();
    for (const [token, code] of [
      ['garbage', 'ERR_TOKEN_INVALID'],
      [ended.refreshToken, 'ERR_SESSION_REVOKED'],
      [idle.refreshToken, 'ERR_SESSION_EXPIRED'],
      [gone.refreshToken, 'ERR_SESSION_NOT_FOUND'],
    ] as const) {
      expect(await codeOf(one.refresh(token))).toBe(code);
    }
    expect(asked).toBe(0);
    expect(types()).toStrictEqual([
      'token.refused',
      'session.refused',
      'session.refused',
      'session.missed',
    ]);
  });
});
