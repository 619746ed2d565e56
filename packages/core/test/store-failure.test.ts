import { StoreFullError } from '@pawl/core';
import type { SessionStore } from '@pawl/core/store';
import { describe, expect, it } from 'vitest';
import { codeOf, type Deployment, deploy, errorOf, jwt, minute, type Node } from './deployment.ts';

const unavailable = 'ERR_STORE_UNAVAILABLE';

/** Every method that calls the store, and the verb that it calls. */
const methods: readonly (readonly [
  keyof SessionStore,
  (node: Node, ids: { sessionId: string; accessToken: string; refreshToken: string }) => unknown,
])[] = [
  ['create', (node) => node.create({ userId: 'ann' })],
  ['find', (node, { accessToken }) => node.verify(accessToken)],
  ['find', (node, { sessionId }) => node.get(sessionId)],
  ['find', (node, { sessionId }) => node.update(sessionId, () => ({}))],
  ['find', (node, { sessionId }) => node.elevate(sessionId)],
  ['rotate', (node, { refreshToken }) => node.refresh(refreshToken)],
  ['elevate', (node, { sessionId }) => node.elevate(sessionId)],
  ['writeData', (node, { sessionId }) => node.update(sessionId, () => ({ data: { a: 1 } }))],
  ['revoke', (node, { sessionId }) => node.revoke(sessionId)],
  ['revoke', (node, { accessToken }) => node.revokeByToken(accessToken)],
  ['revoke', (node, { refreshToken }) => node.revokeByToken(refreshToken)],
  ['revokeAll', (node) => node.revokeAll('ann')],
  ['revokeAll', (node, { sessionId }) => node.revokeOthers('ann', sessionId)],
  ['revokeAll', (node) => node.revokeByDevice('ann', 'phone')],
  ['list', (node) => node.list('ann')],
];

describe('a store that fails', () => {
  it.each(methods)(
    'A9, RV-07, FC-01: %s: throws that it failed, and neither refuses nor accepts',
    async (verb, call) => {
      const { node, sessions, types } = deploy();
      const one = node();
      const tokens = await one.create({ userId: 'ann' });
      types();
      for (const thrown of [new Error('driver'), new TypeError('x'), 'text', undefined, null, 5]) {
        sessions.broken.set(verb, thrown);
        const error = await errorOf(async () => call(one, tokens));
        expect(error).toMatchObject({ code: unavailable, name: 'StoreUnavailableError' });
        expect(error.cause).toBe(thrown);
      }
      expect(types()).toStrictEqual([]);
      sessions.broken.clear();
      expect((await one.verify(tokens.accessToken)).userId).toBe('ann');
      expect((await one.refresh(tokens.refreshToken)).outcome).toBe('rotated');
    },
  );

  it('A25: keeps the errors that are already Pawl’s', async () => {
    const { node, sessions } = deploy();
    sessions.broken.set('create', new StoreFullError());
    expect(await codeOf(node().create({ userId: 'ann' }))).toBe('ERR_STORE_FULL');
  });
});

describe('a refresh whose store call fails', () => {
  const begin = async (): Promise<Deployment & { one: Node; refreshToken: string }> => {
    const deployment = deploy();
    const one = deployment.node();
    const { refreshToken } = await one.create({ userId: 'ann' });
    deployment.pass(5 * minute);
    deployment.types();
    return { ...deployment, one, refreshToken };
  };

  it('A18: before the commit: leaves the token valid', async () => {
    const { one, sessions, refreshToken, types } = await begin();
    sessions.fail('rotate', 'before', 'before', 'before');
    for (let i = 0; i < 3; i++) expect(await codeOf(one.refresh(refreshToken))).toBe(unavailable);
    expect(types()).toStrictEqual([]);
    expect((await one.refresh(refreshToken)).outcome).toBe('rotated');
  });

  it('A18: after the commit: returns the pair to a retry, seconds or hours later, on any node', async () => {
    for (const later of [0, 9_000, 10 * minute, 300 * minute]) {
      const { one, node, sessions, refreshToken, pass } = await begin();
      sessions.fail('rotate', 'after');
      expect(await codeOf(one.refresh(refreshToken))).toBe(unavailable);
      pass(later);
      const retried = await node().refresh(refreshToken);
      expect(retried.outcome).toBe('replayed');
      const again = await node().refresh(refreshToken);
      expect(again).toStrictEqual(retried);
      expect((await one.verify(retried.accessToken)).userId).toBe('ann');
    }
  });

  it('after the commit, in strict: ends the session at the retry', async () => {
    const { node, sessions } = deploy();
    const one = node({ preset: 'strict' });
    const { refreshToken } = await one.create({ userId: 'ann' });
    sessions.fail('rotate', 'after');
    expect(await codeOf(one.refresh(refreshToken))).toBe(unavailable);
    expect(await codeOf(one.refresh(refreshToken))).toBe('ERR_REUSE_DETECTED');
  });

  it('after the commit: is repeated by a retry if the signer failed', async () => {
    const { node, pass } = deploy();
    const { refreshToken } = await node(jwt()).create({ userId: 'ann' });
    pass(5 * minute);
    const failing = node({
      accessToken: (context) => ({
        ...(jwt().accessToken as NonNullable<ReturnType<typeof jwt>['accessToken']>)(context),
        issue: () => Promise.reject(new Error('the signer is away')),
      }),
    });
    expect((await errorOf(failing.refresh(refreshToken))).message).toBe('the signer is away');
    pass(30 * minute);
    expect((await node(jwt()).refresh(refreshToken)).outcome).toBe('replayed');
  });
});

describe('a step-up whose store call fails', () => {
  it('before the commit: leaves all credentials valid', async () => {
    const { node, sessions } = deploy();
    const one = node();
    const tokens = await one.create({ userId: 'ann' });
    sessions.fail('elevate', 'before');
    expect(await codeOf(one.elevate(tokens.sessionId))).toBe(unavailable);
    expect((await one.verify(tokens.accessToken)).userId).toBe('ann');
    expect((await one.refresh(tokens.refreshToken)).outcome).toBe('rotated');
  });

  it('after the commit: returns new credentials when repeated', async () => {
    const { node, sessions } = deploy();
    const one = node();
    const { sessionId } = await one.create({ userId: 'ann' });
    sessions.fail('elevate', 'after');
    expect(await codeOf(one.elevate(sessionId))).toBe(unavailable);
    const tokens = await one.elevate(sessionId);
    expect((await one.verify(tokens.accessToken)).sessionId).toBe(sessionId);
  });
});

describe('a store that returns a wrong record', () => {
  const confused = async (verb: keyof SessionStore, call: (n: Node, t: Tokens) => unknown) => {
    const { node, sessions } = deploy();
    const one = node();
    const ann = await one.create({ userId: 'ann' });
    const bob = await one.create({ userId: 'bob' });
    const found = await sessions.part.find(bob.sessionId);
    sessions.replies.set(verb, (reply: object) =>
      verb === 'list'
        ? { ...reply, records: [found?.record] }
        : { ...reply, record: found?.record },
    );
    return errorOf(async () => call(one, ann));
  };
  type Tokens = { sessionId: string; accessToken: string; refreshToken: string };

  it.each<[keyof SessionStore, (node: Node, tokens: Tokens) => unknown]>([
    ['find', (node, { accessToken }) => node.verify(accessToken)],
    ['find', (node, { sessionId }) => node.get(sessionId)],
    ['find', (node, { sessionId }) => node.update(sessionId, () => ({}))],
    ['find', (node, { sessionId }) => node.elevate(sessionId)],
    ['rotate', (node, { refreshToken }) => node.refresh(refreshToken)],
    ['writeData', (node, { sessionId }) => node.update(sessionId, () => ({}))],
    ['list', (node) => node.list('ann')],
  ])('I5: %s: of another user, is refused', async (verb, call) => {
    expect(await confused(verb, call)).toMatchObject({ code: 'ERR_STORE_RECORD' });
  });

  it('I5: of another session of the same user, is refused', async () => {
    const { node, sessions } = deploy();
    const one = node();
    const { sessionId, accessToken, refreshToken } = await one.create({ userId: 'ann' });
    const other = await one.create({ userId: 'ann' });
    const found = await sessions.part.find(other.sessionId);
    const confuse = (reply: object): unknown => ({ ...reply, record: found?.record });
    for (const verb of ['find', 'rotate', 'writeData'] as const)
      sessions.replies.set(verb, confuse);
    const calls = [one.verify(accessToken), one.get(sessionId), one.refresh(refreshToken)];
    for (const call of calls) expect(await codeOf(call)).toBe('ERR_STORE_RECORD');
  });

  it('I5: of another session, is refused after a step-up that lost a race', async () => {
    const { node, sessions } = deploy();
    const one = node();
    const { sessionId } = await one.create({ userId: 'ann' });
    const other = await one.create({ userId: 'ann' });
    const found = await sessions.part.find(other.sessionId);
    sessions.replies.set('elevate', () => ({ kind: 'conflict', ...found }));
    expect(await codeOf(one.elevate(sessionId))).toBe('ERR_STORE_RECORD');
  });

  it('I5: whose user does not belong to the session id, is refused', async () => {
    const { node, sessions } = deploy();
    const one = node();
    const { sessionId, accessToken, refreshToken } = await one.create({ userId: 'ann' });
    const asBob = (reply: { record: object }): unknown => ({
      ...reply,
      record: { ...reply.record, userId: 'bob' },
    });
    sessions.replies.set('find', asBob);
    sessions.replies.set('rotate', asBob);
    for (const call of [one.verify(accessToken), one.get(sessionId), one.refresh(refreshToken)]) {
      expect(await codeOf(call)).toBe('ERR_STORE_RECORD');
    }
  });

  it('whose current token does not follow, causes no token to be returned', async () => {
    const { node, sessions, pass } = deploy();
    const one = node();
    const { refreshToken } = await one.create({ userId: 'ann' });
    pass(5 * minute);
    for (const field of ['salt', 'tokenHash'] as const) {
      await one.refresh(refreshToken);
      sessions.replies.set('rotate', (reply: { record: object }) => ({
        ...reply,
        record: { ...reply.record, [field]: new Uint8Array(32) },
      }));
      expect(await codeOf(one.refresh(refreshToken))).toBe('ERR_STORE_RECORD');
      sessions.replies.clear();
    }
  });

  it('whose fields are not JSON, is refused', async () => {
    for (const field of ['attributes', 'claims', 'data'] as const) {
      for (const odd of ['', '{', 'null', '[]', '"hunter2']) {
        const { node, sessions } = deploy();
        const one = node();
        const { sessionId } = await one.create({ userId: 'ann' });
        sessions.replies.set('find', (reply: { record: object }) => ({
          ...reply,
          record: { ...reply.record, [field]: odd },
        }));
        const error = await errorOf(one.get(sessionId));
        expect(error).toMatchObject({ code: 'ERR_STORE_RECORD' });
        expect(`${error.message} ${String(error.cause)}`).not.toContain('hunter2');
      }
    }
  });
});

describe('a store that has lost a write', () => {
  it('causes a regression event and a 503: nothing is revoked, nothing accepted', async () => {
    const { node, sessions, types, pass, events } = deploy();
    const one = node(jwt());
    const first = await one.create({ userId: 'ann' });
    const before = await sessions.part.find(first.sessionId);
    pass(5 * minute);
    const next = await one.refresh(first.refreshToken);
    types();
    sessions.replies.set('find', () => before);
    expect(await codeOf(one.verify(next.accessToken))).toBe('ERR_STORE_REGRESSION');
    expect(types()).toStrictEqual(['regression.detected']);
    expect(events.at(-1)).toMatchObject({
      sessionId: first.sessionId,
      evidence: { presented: 1, current: 0, replays: 0, strikes: 0 },
    });
  });

  it('accepts no opaque access token of a generation that was made a second time', async () => {
    const { node, sessions, pass } = deploy();
    const one = node();
    const first = await one.create({ userId: 'ann' });
    pass(5 * minute);
    const next = await one.refresh(first.refreshToken);
    for (const [field, accessToken] of [
      ['previousAccessHash', first.accessToken],
      ['accessHash', next.accessToken],
    ] as const) {
      expect((await one.verify(accessToken)).sessionId).toBe(first.sessionId);
      sessions.replies.set('find', (reply: { record: object }) => ({
        ...reply,
        record: { ...reply.record, [field]: new Uint8Array(16) },
      }));
      expect(await codeOf(one.verify(accessToken))).toBe('ERR_TOKEN_INVALID');
      sessions.replies.clear();
    }
  });
});
