import { describe, expect, it } from 'vitest';
import { codeOf, deploy, hour, jwt, minute, type Options } from '../deployment.ts';

const formats: readonly (readonly [string, Options])[] = [
  ['opaque', {}],
  ['HS256', jwt()],
];

describe.each(formats)('a step-up with %s access tokens', (_, options) => {
  it('SE-10: records how and when the user authenticated again', async () => {
    const { node, now, pass, types } = deploy();
    const sessions = node(options);
    const login = await sessions.create({ userId: 'ann', acr: '1', amr: ['pwd'], scope: 'read' });
    pass(hour);
    types();
    const { accessToken, sessionId, outcome } = await sessions.elevate(login.sessionId, {
      acr: '2',
      amr: ['pwd', 'hwk'],
    });
    expect(outcome).toBe('elevated');
    expect(sessionId).toBe(login.sessionId);
    const seconds = Math.floor(now() / 1_000) * 1_000;
    expect(await sessions.verify(accessToken)).toMatchObject({
      authTime: seconds,
      acr: '2',
      amr: ['pwd', 'hwk'],
      scope: 'read',
    });
    expect(types()).toStrictEqual(['session.elevated']);
    const sameStrength = { acr: undefined, amr: undefined };
    await sessions.elevate(login.sessionId, { ...sameStrength, authTime: seconds - 5_000 });
    expect(await sessions.get(login.sessionId)).toMatchObject({
      authTime: seconds - 5_000,
      acr: '2',
      amr: ['pwd', 'hwk'],
    });
  });

  it('SE-03: makes the older access tokens invalid at once', async () => {
    const { node, pass } = deploy();
    const sessions = node(options);
    const first = await sessions.create({ userId: 'ann' });
    pass(2 * minute);
    const second = await sessions.refresh(first.refreshToken);
    const third = await sessions.elevate(first.sessionId);
    for (const { accessToken } of [first, second]) {
      expect(await codeOf(sessions.verify(accessToken))).toBe('ERR_TOKEN_INVALID');
    }
    expect((await sessions.verify(third.accessToken)).sessionId).toBe(first.sessionId);
    const fourth = await sessions.refresh(third.refreshToken);
    expect(fourth.outcome).toBe('settled');
  });

  it('refuses the older refresh token: no tokens are issued and no alarm is raised', async () => {
    const { node, pass, types } = deploy();
    const sessions = node(options);
    const first = await sessions.create({ userId: 'ann' });
    pass(2 * minute);
    const elevated = await sessions.elevate(first.sessionId);
    for (let i = 0; i < 8; i++) {
      expect(await codeOf(sessions.refresh(first.refreshToken))).toBe('ERR_REFRESH_RETRY');
    }
    pass(minute);
    types();
    for (let i = 0; i < 25; i++) {
      expect(await codeOf(sessions.refresh(first.refreshToken))).toBe('ERR_TOKEN_INVALID');
    }
    expect(new Set(types())).toStrictEqual(new Set(['token.refused']));
    expect((await sessions.verify(elevated.accessToken)).sessionId).toBe(first.sessionId);
    expect((await sessions.refresh(elevated.refreshToken)).sessionId).toBe(first.sessionId);
  });

  it('I6: moves neither the absolute expiry nor the idle timeout of the session', async () => {
    const { node, pass } = deploy();
    const sessions = node(options);
    const first = await sessions.create({ userId: 'ann', absoluteTimeout: 2 * hour });
    const before = await sessions.get(first.sessionId);
    pass(hour);
    const elevated = await sessions.elevate(first.sessionId);
    expect(elevated.refreshTokenExpiresAt).toBe(first.refreshTokenExpiresAt);
    const { absoluteExpiresAt } = await sessions.get(first.sessionId);
    expect(absoluteExpiresAt).toBe(before.absoluteExpiresAt);
    pass(hour);
    expect(await codeOf(sessions.refresh(elevated.refreshToken))).toBe('ERR_TOKEN_EXPIRED');
    expect(await codeOf(sessions.elevate(first.sessionId))).toBe('ERR_SESSION_EXPIRED');
  });

  it('succeeds after a refresh came between', async () => {
    const { node, sessions, pass } = deploy();
    const one = node(options);
    const first = await one.create({ userId: 'ann' });
    pass(2 * minute);
    let raced = false;
    sessions.replies.set('find', async (reply: object) => {
      if (!raced) {
        raced = true;
        await one.refresh(first.refreshToken);
      }
      return reply;
    });
    const elevated = await one.elevate(first.sessionId);
    expect(raced).toBe(true);
    expect((await one.verify(elevated.accessToken)).sessionId).toBe(first.sessionId);
    expect((await one.refresh(elevated.refreshToken)).outcome).toBe('settled');
  });

  it('is refused if the session is revoked in between', async () => {
    const { node, sessions } = deploy();
    const one = node(options);
    const { sessionId } = await one.create({ userId: 'ann' });
    sessions.replies.set('find', async (reply: object) => {
      await one.revoke(sessionId);
      return reply;
    });
    expect(await codeOf(one.elevate(sessionId))).toBe('ERR_SESSION_REVOKED');
  });

  it('gives up after five lost races, and changes nothing', async () => {
    const { node, sessions } = deploy();
    const one = node(options);
    const { sessionId, accessToken } = await one.create({ userId: 'ann' });
    const found = await sessions.part.find(sessionId);
    sessions.replies.set('elevate', () => ({ kind: 'conflict', ...found }));
    const calls = await sessions.costOf(async () => {
      expect(await codeOf(one.elevate(sessionId))).toBe('ERR_SESSION_CONFLICT');
    });
    expect(calls.filter((verb) => verb === 'elevate')).toHaveLength(5);
    expect(accessToken).toBeDefined();
  });
});
