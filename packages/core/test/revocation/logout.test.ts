import { describe, expect, it } from 'vitest';
import { codeOf, day, deploy, errorOf, hour, jwt, minute, type Options } from '../deployment.ts';
import { rootSecret } from '../roots.ts';

const formats: readonly (readonly [string, Options])[] = [
  ['opaque', {}],
  ['HS256', jwt()],
];

describe.each(formats)('a logout with %s access tokens', (_, options) => {
  it('RFC 7009: ends no session of another client, if a client id is given', async () => {
    const { node } = deploy();
    const sessions = node(options);
    for (const kind of ['accessToken', 'refreshToken'] as const) {
      const own = await sessions.create({ userId: 'ann', clientId: 'app' });
      const free = await sessions.create({ userId: 'ann' });
      expect(
        await sessions.revokeByToken(own[kind], { reason: 'revoked', clientId: 'other' }),
      ).toBe('missing');
      expect(await sessions.revoke(own.sessionId, { clientId: 'other' })).toBe('missing');
      expect(await sessions.get(own.sessionId)).toMatchObject({ clientId: 'app' });
      expect(
        await sessions.revokeByToken(free[kind], { reason: 'revoked', clientId: 'other' }),
      ).toBe('revoked');
      expect(await sessions.revokeByToken(own[kind], { reason: 'revoked', clientId: 'app' })).toBe(
        'revoked',
      );
      expect(await sessions.revokeByToken(own[kind], { reason: 'revoked', clientId: 'app' })).toBe(
        'already_revoked',
      );
    }
    expect(await sessions.revoke('A'.repeat(24), { clientId: 'app' })).toBe('missing');
  });

  it('A21: accepts each kind of token: current, consumed, expired', async () => {
    const { node, pass } = deploy();
    const sessions = node(options);
    const chain = async (): Promise<readonly string[]> => {
      const first = await sessions.create({ userId: 'ann' });
      pass(5 * minute);
      const next = await sessions.refresh(first.refreshToken);
      return [first, next].flatMap((one) => [one.refreshToken, one.accessToken]);
    };
    for (let which = 0; which < 4; which++) {
      for (const later of [0, 20 * minute, 15 * day, 31 * day]) {
        const tokens = await chain();
        pass(later);
        expect(await sessions.revokeByToken(tokens[which] as string)).toBe('revoked');
        for (const token of tokens) {
          expect(await sessions.revokeByToken(token)).toBe('already_revoked');
        }
      }
    }
  });

  it('A21: can be repeated, and the first reason stays', async () => {
    const { node, types, events } = deploy();
    const sessions = node(options);
    const { refreshToken, accessToken } = await sessions.create({ userId: 'ann' });
    types();
    expect(await sessions.revokeByToken(accessToken)).toBe('revoked');
    expect(await sessions.revokeByToken(refreshToken, { reason: 'replaced' })).toBe(
      'already_revoked',
    );
    expect(types()).toStrictEqual(['session.revoked']);
    expect(events.at(-1)).toMatchObject({ reason: 'logout' });
    expect(await errorOf(sessions.refresh(refreshToken))).toMatchObject({ reason: 'logout' });
  });

  it('A21: needs only the refresh token, and the access token is refused at once', async () => {
    const { node } = deploy();
    const sessions = node(options);
    const { refreshToken, accessToken } = await sessions.create({ userId: 'ann' });
    await sessions.revokeByToken(refreshToken);
    expect(await codeOf(sessions.verify(accessToken))).toBe('ERR_SESSION_REVOKED');
    expect(await codeOf(sessions.refresh(refreshToken))).toBe('ERR_SESSION_REVOKED');
  });

  it('A6: throws for a token that is not ours', async () => {
    const { node, sessions } = deploy();
    const one = node(options);
    const foreign = await deploy()
      .node({ ...options, secrets: [rootSecret('foreign')] })
      .create({ userId: 'ann' });
    const cost = await sessions.costOf(async () => {
      for (const token of [foreign.refreshToken, foreign.accessToken, '', 'x', 'a.b.c']) {
        expect(await codeOf(one.revokeByToken(token))).toBe('ERR_TOKEN_INVALID');
      }
    });
    expect(cost).toStrictEqual([]);
  });

  it('RV-01: does not throw for a session that was deleted', async () => {
    const gone = await deploy().node(options).create({ userId: 'ann' });
    const sessions = deploy().node(options);
    expect(await sessions.revokeByToken(gone.refreshToken)).toBe('missing');
    expect(await sessions.revokeByToken(gone.accessToken)).toBe('missing');
  });

  it('RV-02: throws if the store fails, and can be repeated', async () => {
    const { node, sessions } = deploy();
    const one = node(options);
    const { accessToken } = await one.create({ userId: 'ann' });
    sessions.fail('revoke', 'before', 'after');
    expect(await codeOf(one.revokeByToken(accessToken))).toBe('ERR_STORE_UNAVAILABLE');
    expect(await codeOf(one.revokeByToken(accessToken))).toBe('ERR_STORE_UNAVAILABLE');
    expect(await one.revokeByToken(accessToken)).toBe('already_revoked');
  });
});

describe('a revocation', () => {
  it('A3: with a user id ends only that user’s session', async () => {
    const { node } = deploy();
    const sessions = node();
    const { sessionId, accessToken } = await sessions.create({ userId: 'ann' });
    expect(await sessions.revoke(sessionId, { userId: 'bob' })).toBe('missing');
    expect((await sessions.verify(accessToken)).userId).toBe('ann');
    expect(await sessions.revoke(sessionId, { userId: 'ann' })).toBe('revoked');
    expect(await codeOf(sessions.verify(accessToken))).toBe('ERR_SESSION_REVOKED');
  });

  it('A3: with a user id that is undefined by mistake throws and ends nothing', async () => {
    const { node } = deploy();
    const sessions = node();
    const { sessionId, accessToken } = await sessions.create({ userId: 'ann' });
    for (const userId of [undefined, null, '', 5]) {
      const error = await errorOf(sessions.revoke(sessionId, { userId } as never));
      expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID', argument: 'userId' });
    }
    expect((await sessions.verify(accessToken)).userId).toBe('ann');
  });

  it('makes no store call for a malformed id', async () => {
    const { node, sessions } = deploy();
    const one = node();
    const cost = await sessions.costOf(async () => {
      for (const odd of ['../../etc/passwd', 'x'.repeat(10_000_000), 'x'.repeat(23), ' ']) {
        expect(await one.revoke(odd)).toBe('missing');
        expect(await codeOf(one.get(odd))).toBe('ERR_SESSION_NOT_FOUND');
      }
      // A mistake of the caller: no user can send it in a path.
      for (const odd of ['', null, 5, {}, undefined]) {
        expect(await codeOf(one.revoke(odd as string))).toBe('ERR_INPUT_INVALID');
        expect(await codeOf(one.get(odd as string))).toBe('ERR_INPUT_INVALID');
      }
    });
    expect(cost).toStrictEqual([]);
  });

  it('RV-04, SE-06: is undone by no later call', async () => {
    const { node, sessions, pass, store } = deploy();
    const one = node();
    const { sessionId, accessToken, refreshToken } = await one.create({ userId: 'ann' });
    pass(2 * minute);
    await one.revoke(sessionId);
    const before = (await store.sessions.find(sessionId))?.record;
    for (const call of [
      one.verify(accessToken),
      one.refresh(refreshToken),
      one.get(sessionId),
      one.update(sessionId, () => ({ data: { a: 1 } })),
      one.elevate(sessionId),
    ]) {
      expect(await codeOf(call)).toBe('ERR_SESSION_REVOKED');
    }
    await sessions.part.touch(sessionId, 0);
    expect((await store.sessions.find(sessionId))?.record).toStrictEqual(before);
  });

  it('RT-07, RT-11: ends all sessions, all others, or those of a device, and none of another user', async () => {
    const { node, types } = deploy();
    const sessions = node();
    const of = (userId: string, device?: string) =>
      sessions.create({ userId, ...(device !== undefined && { device: { id: device } }) });
    const [a, b, c, d] = [
      await of('ann', 'phone'),
      await of('ann', 'phone'),
      await of('ann', 'tv'),
      await of('ann'),
    ];
    const bob = await of('bob', 'phone');
    const live = async (): Promise<string[]> =>
      (await sessions.list('ann')).map(({ sessionId }) => sessionId);
    types();
    expect(await sessions.revokeByDevice('ann', 'phone', { reason: 'lost_phone' })).toBe(2);
    expect((await live()).toSorted()).toStrictEqual([c.sessionId, d.sessionId].toSorted());
    expect(types()).toStrictEqual(['session.revoked', 'session.revoked', 'user.revoked']);
    expect(await sessions.revokeOthers('ann', d.sessionId, { reason: 'password_changed' })).toBe(1);
    expect(await live()).toStrictEqual([d.sessionId]);
    expect(await sessions.revokeAll('ann', { reason: 'account_deleted' })).toBe(1);
    expect(await live()).toStrictEqual([]);
    expect(await sessions.revokeAll('ann')).toBe(0);
    for (const [one, reason] of [
      [a, 'lost_phone'],
      [b, 'lost_phone'],
      [c, 'password_changed'],
      [d, 'account_deleted'],
    ] as const) {
      expect(await errorOf(sessions.refresh(one.refreshToken))).toMatchObject({ reason });
    }
    expect((await sessions.verify(bob.accessToken)).userId).toBe('bob');
  });

  it('of all others, or of a device, throws and ends nothing without the id', async () => {
    const { node } = deploy();
    const sessions = node();
    const { accessToken } = await sessions.create({ userId: 'ann', device: { id: 'phone' } });
    for (const odd of [undefined, null, '', 5, {}]) {
      expect(await codeOf(sessions.revokeOthers('ann', odd as string))).toBe('ERR_INPUT_INVALID');
      expect(await codeOf(sessions.revokeByDevice('ann', odd as string))).toBe('ERR_INPUT_INVALID');
    }
    expect(await codeOf(sessions.revokeOthers('ann', 'no id'))).toBe('ERR_INPUT_INVALID');
    expect((await sessions.verify(accessToken)).userId).toBe('ann');
  });

  it('I3: is respected by the very next check on every node', async () => {
    const { node } = deploy();
    const [a, b] = [node(), node()];
    const { accessToken, sessionId } = await a.create({ userId: 'ann' });
    expect((await b.verify(accessToken)).sessionId).toBe(sessionId);
    await a.revoke(sessionId);
    expect(await codeOf(b.verify(accessToken))).toBe('ERR_SESSION_REVOKED');
  });

  it('makes one store call, whatever it ends', async () => {
    const { node, sessions } = deploy();
    const one = node();
    const { sessionId, refreshToken } = await one.create({ userId: 'ann' });
    expect(await sessions.costOf(() => one.revokeByToken(refreshToken))).toEqual(['revoke']);
    expect(await sessions.costOf(() => one.revoke(sessionId))).toEqual(['revoke']);
    expect(await sessions.costOf(() => one.revokeAll('ann'))).toEqual(['revokeAll']);
    expect(await sessions.costOf(() => one.revokeOthers('ann', sessionId))).toEqual(['revokeAll']);
  });
});

describe('a list', () => {
  it('A22: holds what a user may see, newest first, and marks the current session', async () => {
    const { node, pass } = deploy();
    const sessions = node();
    expect(await sessions.list('ann')).toStrictEqual([]);
    const older = await sessions.create({ userId: 'ann', device: { ip: '192.0.2.1' } });
    pass(hour);
    const newer = await sessions.create({ userId: 'ann' });
    await sessions.create({ userId: 'bob' });
    const list = await sessions.list('ann', { currentSessionId: older.sessionId });
    expect(list.map((one) => [one.sessionId, one.current])).toStrictEqual([
      [newer.sessionId, false],
      [older.sessionId, true],
    ]);
    expect(list[1]?.device.ip).toBe('192.0.2.1');
    expect(JSON.stringify(list)).not.toMatch(/hash|salt|ring|token/i);
  });

  it('A22: omits ended sessions, even if the store lists them', async () => {
    const { node, sessions, store } = deploy();
    const one = node();
    const { sessionId } = await one.create({ userId: 'ann' });
    await one.create({ userId: 'ann' });
    const all = await store.sessions.list('ann');
    await one.revoke(sessionId);
    const records = await Promise.all(
      all.records.map(async (record) => (await store.sessions.find(record.sessionId))?.record),
    );
    sessions.replies.set('list', () => ({ ...all, records }));
    expect(await one.list('ann')).toHaveLength(1);
  });

  it('A22: omits a session from the millisecond in which it expires', async () => {
    const { node, pass } = deploy();
    const sessions = node();
    const revoked = await sessions.create({ userId: 'ann' });
    await sessions.create({ userId: 'ann', idleTimeout: hour });
    await sessions.revoke(revoked.sessionId);
    pass(hour - 1);
    expect(await sessions.list('ann')).toHaveLength(1);
    pass(1);
    expect(await sessions.list('ann')).toStrictEqual([]);
  });
});
