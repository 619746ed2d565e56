import { describe, expect, it } from 'vitest';
import { codeOf, day, deploy, hour, jwt, minute, type Options, second } from '../deployment.ts';

const formats: readonly (readonly [string, Options])[] = [
  ['opaque', {}],
  ['HS256', jwt()],
];

/** A store that cannot record activity within `find`, as SQL stores cannot. */
const noteLater = ({ sessions }: ReturnType<typeof deploy>): void => {
  sessions.replies.set('find', (reply: object) => ({ ...reply, touchDue: true }));
};

describe.each(formats)('activity with %s access tokens', (_, options) => {
  it('confirms a generation at its first use, and is recorded once per interval', async () => {
    const deployment = deploy();
    const { node, pass, store, now } = deployment;
    const sessions = node({ ...options, touchInterval: minute });
    const { sessionId, accessToken } = await sessions.create({ userId: 'ann' });
    const record = async () => (await store.sessions.find(sessionId))?.record;
    expect((await record())?.confirmed).toBe(false);
    await sessions.verify(accessToken);
    expect((await record())?.confirmed).toBe(true);
    const first = now();
    pass(minute - 1);
    await sessions.verify(accessToken);
    expect((await record())?.lastActiveAt).toBe(first);
    pass(1);
    await sessions.verify(accessToken);
    expect((await record())?.lastActiveAt).toBe(first + minute);
  });

  it('is recorded in the background if the store asks for it, never twice at once', async () => {
    const deployment = deploy();
    const sessions = deployment.node(options);
    const { accessToken } = await sessions.create({ userId: 'ann' });
    noteLater(deployment);
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    deployment.sessions.replies.set('touch', () => held);
    const calls = await deployment.sessions.costOf(async () => {
      await Promise.all(Array.from({ length: 10 }, () => sessions.verify(accessToken)));
      let settled = false;
      const settling = sessions.drain().then(() => {
        settled = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect(settled).toBe(false);
      release();
      await settling;
    });
    expect(calls.filter((verb) => verb === 'find')).toHaveLength(10);
    expect(calls.filter((verb) => verb === 'touch')).toHaveLength(1);
  });

  it('makes no further store call if none is due', async () => {
    const { node, sessions } = deploy();
    const one = node(options);
    const { accessToken } = await one.create({ userId: 'ann' });
    const calls = await sessions.costOf(async () => {
      for (let i = 0; i < 5; i++) await one.verify(accessToken);
      await one.drain();
    });
    expect(calls).toStrictEqual(Array(5).fill('find'));
  });

  it('causes an event if it cannot be recorded, and the request succeeds', async () => {
    const deployment = deploy();
    const sessions = deployment.node(options);
    const { accessToken } = await sessions.create({ userId: 'ann' });
    noteLater(deployment);
    deployment.sessions.fail('touch', 'before');
    deployment.types();
    expect((await sessions.verify(accessToken)).userId).toBe('ann');
    await sessions.drain();
    expect(deployment.types()).toStrictEqual(['background.failed']);
    await sessions.verify(accessToken);
    await sessions.drain();
    expect(deployment.types()).toStrictEqual([]);
  });

  it('SE-04, SE-06: extends a session’s idle expiry, never its absolute one', async () => {
    const { node, pass } = deploy();
    const sessions = node({ ...options, idleTimeout: hour, absoluteTimeout: 3 * hour });
    let tokens = await sessions.create({ userId: 'ann' });
    for (let i = 0; i < 4; i++) {
      pass(40 * minute);
      tokens = await sessions.refresh(tokens.refreshToken);
      await sessions.verify(tokens.accessToken);
    }
    pass(20 * minute - second);
    expect(await codeOf(sessions.verify(tokens.accessToken))).toBe('ERR_TOKEN_EXPIRED');
    pass(second);
    expect(await codeOf(sessions.get(tokens.sessionId))).toBe('ERR_SESSION_EXPIRED');
  });

  it('SE-04: ends with the session, to the millisecond, whatever a token says', async () => {
    const { node, pass } = deploy();
    const sessions = node({ ...options, accessTokenLifetime: hour, idleTimeout: hour + 1 });
    const { accessToken, sessionId } = await sessions.create({
      userId: 'ann',
      idleTimeout: hour + 1,
    });
    expect((await sessions.verify(accessToken)).sessionId).toBe(sessionId);
    pass(hour);
    expect((await sessions.get(sessionId)).sessionId).toBe(sessionId);
    pass(1);
    expect(await codeOf(sessions.get(sessionId))).toBe('ERR_SESSION_EXPIRED');
  });

  it('reveals a copied predecessor after the confirmation', async () => {
    const { node, pass } = deploy();
    const sessions = node(options);
    const first = await sessions.create({ userId: 'ann' });
    const second_ = await sessions.refresh(first.refreshToken);
    pass(10 * minute);
    expect((await sessions.refresh(first.refreshToken)).outcome).toBe('replayed');
    const { accessToken } = await sessions.refresh(first.refreshToken);
    await sessions.verify(accessToken);
    // Other tabs woke up with it: their requests in flight succeed too.
    expect((await sessions.refresh(first.refreshToken)).accessToken).toBe(accessToken);
    pass(2 * minute + 1);
    expect(await codeOf(sessions.refresh(first.refreshToken))).toBe('ERR_REUSE_DETECTED');
    expect(await codeOf(sessions.refresh(second_.refreshToken))).toBe('ERR_SESSION_REVOKED');
  });

  it('SE-11: is not reading, listing or writing data of a session', async () => {
    const { node, pass, store } = deploy();
    const sessions = node(options);
    const { sessionId } = await sessions.create({ userId: 'ann' });
    const before = (await store.sessions.find(sessionId))?.record;
    pass(2 * day);
    await sessions.get(sessionId);
    await sessions.list('ann', { currentSessionId: sessionId });
    await sessions.update(sessionId, () => ({ data: { a: 1 } }));
    const after = (await store.sessions.find(sessionId))?.record;
    expect(after?.lastActiveAt).toBe(before?.lastActiveAt);
    expect(after?.confirmed).toBe(false);
  });
});

describe('an opaque access token', () => {
  it('of the predecessor is accepted in the grace period, so that another tab does not fail', async () => {
    const { node, pass } = deploy();
    const sessions = node();
    const first = await sessions.create({ userId: 'ann' });
    pass(minute);
    const next = await sessions.refresh(first.refreshToken);
    pass(9_999);
    expect((await sessions.verify(first.accessToken)).sessionId).toBe(first.sessionId);
    pass(1);
    expect(await codeOf(sessions.verify(first.accessToken))).toBe('ERR_TOKEN_INVALID');
    expect((await sessions.verify(next.accessToken)).sessionId).toBe(first.sessionId);
  });

  it('of the predecessor is refused at once in strict', async () => {
    const { node } = deploy();
    const sessions = node({ preset: 'strict' });
    const first = await sessions.create({ userId: 'ann' });
    await sessions.refresh(first.refreshToken);
    expect(await codeOf(sessions.verify(first.accessToken))).toBe('ERR_TOKEN_INVALID');
  });
});
