import { createAccessTokens, jwtAccessTokens } from '@pawl/core/jwt';
import { describe, expect, it } from 'vitest';
import {
  codeOf,
  type Deployment,
  deploy,
  errorOf,
  jwt,
  minute,
  type Node,
  type Options,
  secrets,
} from '../deployment.ts';

const unavailable = 'ERR_STORE_UNAVAILABLE';

const guarded = (deployment: Deployment, options: Options = {}): Node =>
  deployment.node({
    ...jwt(),
    revocationCheck: 'blocklist',
    blocklist: { blocklist: deployment.blocklist.part },
    ...options,
  });

describe('the blocklist check', () => {
  it('B2: reads no session, and refuses all tokens of a revoked one until they expire', async () => {
    const deployment = deploy();
    const { sessions, blocklist, pass } = deployment;
    const node = guarded(deployment);
    const { accessToken, sessionId } = await node.create({ userId: 'ann' });
    const cost = await sessions.costOf(async () => {
      expect(await blocklist.costOf(() => node.verify(accessToken))).toEqual(['isRevoked']);
    });
    expect(cost).toStrictEqual([]);
    await node.revoke(sessionId);
    expect(await codeOf(node.verify(accessToken))).toBe('ERR_TOKEN_REVOKED');
    pass(12 * minute);
    expect(await codeOf(node.verify(accessToken))).toBe('ERR_TOKEN_EXPIRED');
    expect(await deployment.store.blocklist.deleteExpired()).toBe(0);
    pass(1);
    expect(await deployment.store.blocklist.deleteExpired()).toBe(1);
  });

  it('B2: refuses a single token by its jti, and no other of its session', async () => {
    const deployment = deploy();
    const { blocklist, now } = deployment;
    const one = guarded(deployment);
    const { accessToken, refreshToken } = await one.create({ userId: 'ann' });
    const { tokenId } = await one.verify(accessToken);
    await blocklist.part.revoke(String(tokenId), now() + minute);
    expect(await codeOf(one.verify(accessToken))).toBe('ERR_TOKEN_REVOKED');
    const next = await one.refresh(refreshToken);
    expect(await one.verify(next.accessToken)).toMatchObject({ userId: 'ann' });
  });

  it('B7: refuses a token after the session’s record is deleted', async () => {
    const deployment = deploy();
    const node = guarded(deployment);
    const { accessToken, sessionId } = await node.create({ userId: 'ann' });
    await node.revoke(sessionId);
    const elsewhere = deploy();
    const other = guarded({ ...elsewhere, blocklist: deployment.blocklist });
    expect(await codeOf(other.verify(accessToken))).toBe('ERR_TOKEN_REVOKED');
  });

  it('B1: accepts an id that was not revoked', async () => {
    const deployment = deploy();
    const node = guarded(deployment);
    const [a, b] = [await node.create({ userId: 'ann' }), await node.create({ userId: 'ann' })];
    await node.revoke(a.sessionId);
    expect((await node.verify(b.accessToken)).userId).toBe('ann');
  });

  it.each<[string, (node: Node, ids: { sessionId: string; refreshToken: string }) => unknown]>([
    ['revoke', (node, { sessionId }) => node.revoke(sessionId)],
    ['revoke, of a user', (node, { sessionId }) => node.revoke(sessionId, { userId: 'ann' })],
    ['revokeByToken', (node, { refreshToken }) => node.revokeByToken(refreshToken)],
    ['revokeAll', (node) => node.revokeAll('ann')],
    ['revokeOthers', (node) => node.revokeOthers('ann', 'AAAAAAAAAAAAAAAAAAAAAAAA')],
    ['revokeByDevice', (node) => node.revokeByDevice('ann', 'phone')],
  ])('RV-03: refuses after %s', async (_, end) => {
    const deployment = deploy();
    const node = guarded(deployment);
    const tokens = await node.create({ userId: 'ann', device: { id: 'phone' } });
    const bob = await node.create({ userId: 'bob', device: { id: 'phone' } });
    await end(node, tokens);
    expect(await codeOf(node.verify(tokens.accessToken))).toBe('ERR_TOKEN_REVOKED');
    expect(await codeOf(node.refresh(tokens.refreshToken))).toBe('ERR_SESSION_REVOKED');
    expect((await node.verify(bob.accessToken)).userId).toBe('bob');
  });

  it('RV-03: refuses a session that began while all were being revoked', async () => {
    const deployment = deploy();
    const node = guarded(deployment);
    const { accessToken } = await node.create({ userId: 'ann' });
    deployment.sessions.replies.set('list', (reply: object) => ({ ...reply, records: [] }));
    expect(await node.revokeAll('ann')).toBe(1);
    expect(await codeOf(node.verify(accessToken))).toBe('ERR_TOKEN_REVOKED');
  });

  it('accepts the sessions that a narrower revocation leaves alone', async () => {
    const deployment = deploy();
    const node = guarded(deployment);
    const phone = await node.create({ userId: 'ann', device: { id: 'phone' } });
    const here = await node.create({ userId: 'ann' });
    await node.revokeByDevice('ann', 'tv');
    await node.revoke(here.sessionId, { userId: 'bob' });
    await node.revokeOthers('ann', here.sessionId);
    expect((await node.verify(here.accessToken)).userId).toBe('ann');
    expect(await codeOf(node.verify(phone.accessToken))).toBe('ERR_TOKEN_REVOKED');
  });

  it('RV-03: refuses after reuse and after eviction', async () => {
    const deployment = deploy();
    const node = guarded(deployment, {
      preset: 'strict',
      limit: { max: 1, policy: 'evict_oldest' },
    });
    const first = await node.create({ userId: 'ann' });
    const second = await node.create({ userId: 'ann' });
    expect(await codeOf(node.verify(first.accessToken))).toBe('ERR_TOKEN_REVOKED');
    await node.refresh(second.refreshToken);
    expect(await codeOf(node.refresh(second.refreshToken))).toBe('ERR_REUSE_DETECTED');
    expect(await codeOf(node.verify(second.accessToken))).toBe('ERR_TOKEN_REVOKED');
  });

  it('B4, FC-01: refuses if it fails', async () => {
    const deployment = deploy();
    const node = guarded(deployment);
    const { accessToken } = await node.create({ userId: 'ann' });
    for (const thrown of [new Error('driver'), undefined]) {
      deployment.blocklist.broken.set('isRevoked', thrown);
      const error = await errorOf(node.verify(accessToken));
      expect(error).toMatchObject({ code: unavailable });
    }
  });

  it('refuses a token without a session where sessions are checked', async () => {
    const deployment = deploy();
    const { accessToken } = await createAccessTokens({
      format: jwtAccessTokens({
        issuer: 'https://issuer.example',
        audience: 'https://api.example',
      }),
      secrets,
      clock: deployment.now,
    }).issue({ userId: 'ann' });
    const node = guarded(deployment);
    expect(await codeOf(node.verify(accessToken))).toBe('ERR_TOKEN_INVALID');
    expect(await codeOf(node.verify(accessToken, { revocationCheck: 'session' }))).toBe(
      'ERR_TOKEN_INVALID',
    );
    expect(deployment.types()).toStrictEqual(['token.refused', 'token.refused']);
  });
});

describe('a revocation that fails halfway', () => {
  const calls: [
    string,
    (node: Node, ids: { sessionId: string; refreshToken: string }) => Promise<unknown>,
  ][] = [
    ['revoke', (node, { sessionId }) => node.revoke(sessionId)],
    ['revokeByToken', (node, { refreshToken }) => node.revokeByToken(refreshToken)],
    ['revokeAll', (node) => node.revokeAll('ann')],
  ];

  it.each(calls)('B4: throws from %s, and access tokens are refused already', async (_, end) => {
    const deployment = deploy();
    const node = guarded(deployment);
    const tokens = await node.create({ userId: 'ann' });
    deployment.sessions.fail('revoke', 'before');
    deployment.sessions.fail('revokeAll', 'before');
    expect(await codeOf(end(node, tokens))).toBe(unavailable);
    expect(await codeOf(node.verify(tokens.accessToken))).toBe('ERR_TOKEN_REVOKED');
  });

  it.each(calls)('B4: throws from %s, and a repeated call completes it', async (_, end) => {
    for (const fault of ['before', 'after'] as const) {
      for (const part of ['blocklist', 'sessions'] as const) {
        const deployment = deploy();
        const node = guarded(deployment);
        const tokens = await node.create({ userId: 'ann' });
        if (part === 'blocklist') deployment.blocklist.fail('revoke', fault);
        else deployment.sessions.fail('revoke', fault);
        if (part === 'sessions') deployment.sessions.fail('revokeAll', fault);
        expect(await codeOf(end(node, tokens))).toBe(unavailable);
        await end(node, tokens);
        expect(await codeOf(node.verify(tokens.accessToken))).toBe('ERR_TOKEN_REVOKED');
        expect(await codeOf(node.refresh(tokens.refreshToken))).toBe('ERR_SESSION_REVOKED');
      }
    }
  });

  it('B4: throws from a refresh that detects reuse, and the next refresh completes it', async () => {
    const deployment = deploy();
    const node = guarded(deployment, { preset: 'strict' });
    const first = await node.create({ userId: 'ann' });
    const stolen = await node.refresh(first.refreshToken);
    deployment.blocklist.fail('revoke', 'before');
    expect(await codeOf(node.refresh(first.refreshToken))).toBe(unavailable);
    expect(await codeOf(node.refresh(first.refreshToken))).toBe('ERR_SESSION_REVOKED');
    expect(await codeOf(node.verify(stolen.accessToken))).toBe('ERR_TOKEN_REVOKED');
  });
});

describe('the revocation check of a single call', () => {
  it('may be stricter or looser than the configured one', async () => {
    const deployment = deploy();
    const node = guarded(deployment);
    const { accessToken, sessionId } = await node.create({ userId: 'ann' });
    await deployment.store.sessions.revoke({
      sessionId,
      reason: 'revoked',
      callId: new Uint8Array(16),
    });
    const with_ = (revocationCheck: 'session' | 'blocklist' | 'none'): Promise<unknown> =>
      node.verify(accessToken, { revocationCheck });
    expect(await codeOf(with_('session'))).toBe('ERR_SESSION_REVOKED');
    expect(await with_('blocklist')).toMatchObject({ userId: 'ann', session: null });
    const calls = deployment.sessions.calls.length + deployment.blocklist.calls.length;
    expect(await with_('none')).toMatchObject({ userId: 'ann', sessionId, session: null });
    expect(deployment.sessions.calls.length + deployment.blocklist.calls.length).toBe(calls);
  });

  it('FC-01: throws for an unknown check, with every format', async () => {
    for (const options of [{}, jwt()]) {
      const node = deploy().node(options);
      const { accessToken } = await node.create({ userId: 'ann' });
      for (const odd of ['Session', '', null, 0, {}, 'toString']) {
        const error = await errorOf(node.verify(accessToken, { revocationCheck: odd } as never));
        expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID', argument: 'revocationCheck' });
      }
    }
  });

  it('throws for a missing blocklist, and is always session for an opaque token', async () => {
    const node = deploy().node(jwt());
    const { accessToken } = await node.create({ userId: 'ann' });
    expect(await codeOf(node.verify(accessToken, { revocationCheck: 'blocklist' }))).toBe(
      'ERR_CONFIGURATION',
    );
    const { node: make, sessions } = deploy();
    const opaque = make();
    const tokens = await opaque.create({ userId: 'ann' });
    const cost = await sessions.costOf(() =>
      opaque.verify(tokens.accessToken, { revocationCheck: 'none' }),
    );
    expect(cost).toStrictEqual(['find']);
  });
});
