import type { PawlEvent } from '@pawl/core';
import { createApiKeys } from '@pawl/core/api-keys';
import { createSingleUseTokens } from '@pawl/core/single-use';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { codeOf, deploy, jwt, minute, second, secrets } from './deployment.ts';
import { rootSecret } from './roots.ts';

/** Returns the evidence of the last event of a type. */
const evidenceOf = (events: readonly PawlEvent[], type: string): unknown => {
  const event = events.findLast((one) => one.type === type);
  return event && 'evidence' in event ? event.evidence : undefined;
};

describe('LG-02: every outcome is an event with its evidence', () => {
  let deployment = deploy();
  beforeEach(() => {
    deployment = deploy();
  });

  it('rotated, settled, replayed, replayed late', async () => {
    const { node, pass, events, now } = deployment;
    const sessions = node();
    const first = await sessions.create({ userId: 'ann' });
    pass(5 * minute);
    const next = await sessions.refresh(first.refreshToken);
    const { kid } = evidenceOf(events, 'session.rotated') as { kid: number };
    const shared = { strikes: 0, lateRun: 0, kid };
    expect(evidenceOf(events, 'session.rotated')).toStrictEqual({
      ...shared,
      presented: 0,
      current: 0,
      age: 5 * minute,
      replays: 0,
    });
    pass(3 * second);
    await sessions.refresh(first.refreshToken);
    expect(events.at(-1)).toStrictEqual({
      type: 'session.replayed',
      at: now(),
      sessionId: first.sessionId,
      sessionRef: sessions.ref(first.sessionId),
      userId: 'ann',
      late: false,
      evidence: { ...shared, presented: 0, current: 1, age: 3 * second, replays: 1 },
    });
    pass(27 * second);
    await sessions.refresh(first.refreshToken);
    expect(events.at(-1)).toMatchObject({
      late: true,
      evidence: { age: 30 * second, replays: 2, lateRun: 1 },
    });
    await sessions.refresh(next.refreshToken);
    expect(evidenceOf(events, 'session.settled')).toStrictEqual({
      ...shared,
      lateRun: 1,
      presented: 1,
      current: 1,
      // From here the age counts from the late replay.
      age: 0,
      replays: 2,
    });
  });

  it('retry, and reuse', async () => {
    const { node, pass, events, types } = deployment;
    const sessions = node();
    const first = await sessions.create({ userId: 'ann' });
    const next = await sessions.refresh(first.refreshToken);
    await sessions.verify(next.accessToken);
    pass(minute);
    await codeOf(sessions.refresh(first.refreshToken));
    expect(evidenceOf(events, 'session.retry_requested')).toMatchObject({
      presented: 0,
      current: 1,
      age: minute,
      strikes: 1,
    });
    pass(2 * minute);
    types();
    await codeOf(sessions.refresh(first.refreshToken));
    expect(types()).toStrictEqual(['reuse.detected', 'session.revoked']);
    expect(evidenceOf(events, 'reuse.detected')).toMatchObject({ presented: 0, current: 1 });
    expect(events.at(-1)).toMatchObject({ reason: 'reuse_detected', userId: 'ann' });
  });

  it('regression and lost, after the store was restored from a backup', async () => {
    const { node, pass, events, types } = deployment;
    const sessions = node();
    const first = await sessions.create({ userId: 'ann' });
    const copy = deploy();
    const restored = copy.node({ clock: deployment.now });
    pass(2 * minute);
    copy.pass(2 * minute);
    const found = await deployment.store.sessions.find(first.sessionId);
    const second_ = await sessions.refresh(first.refreshToken);
    // The backup has only generation 0.
    const record = found?.record;
    if (!record) throw new Error('the session is gone');
    const { userId, sessionId, idleTimeout, expiresAt, deviceId, attributes, claims, data } =
      record;
    const { tokenHash, salt, kid, issuedAt, accessHash } = record;
    await copy.store.sessions.create({
      userId,
      sessionId,
      idleTimeout,
      expiresAt,
      deviceId,
      attributes,
      claims,
      data,
      first: { tokenHash, salt, kid, issuedAt, accessHash },
      callId: new Uint8Array(16),
    });
    expect(await codeOf(restored.refresh(second_.refreshToken))).toBe('ERR_STORE_REGRESSION');
    expect(evidenceOf(copy.events, 'regression.detected')).toMatchObject({
      presented: 1,
      current: 0,
    });
    // No refresh token of the session is accepted while the write may still come back.
    expect(await codeOf(restored.refresh(first.refreshToken))).toBe('ERR_STORE_REGRESSION');
    copy.pass(minute);
    copy.types();
    expect(await codeOf(restored.refresh(second_.refreshToken))).toBe('ERR_SESSION_REVOKED');
    expect(copy.types()).toStrictEqual(['session.lost', 'session.revoked']);
    expect(copy.events.at(-1)).toMatchObject({ reason: 'lost' });
    expect(await codeOf(restored.refresh(second_.refreshToken))).toBe('ERR_SESSION_REVOKED');
    expect(copy.events.at(-1)).toMatchObject({
      type: 'session.refused',
      reason: 'revoked',
      cause: 'lost',
    });
    expect(types()).toStrictEqual(['session.created', 'session.rotated']);
    expect(events).toHaveLength(2);
  });

  it('a refused token, with a reason that no client sees', async () => {
    const { node, events, pass } = deployment;
    const sessions = node();
    const tokens = await sessions.create({ userId: 'ann' });
    const foreign = await deploy()
      .node({ secrets: [rootSecret('foreign')] })
      .create({ userId: 'x' });
    const forge = (token: string): string =>
      token.slice(0, 60) + (token[60] === 'A' ? 'B' : 'A') + token.slice(61);
    const heard: unknown[] = [];
    for (const [kind, token] of [
      ['refresh', 'garbage'],
      ['refresh', tokens.accessToken.replace('_at_', '_rt_')],
      ['refresh', foreign.refreshToken],
      ['refresh', forge(tokens.refreshToken)],
      ['access', 'garbage'],
      ['access', tokens.refreshToken.replace('_rt_', '_at_')],
      ['access', foreign.accessToken],
      ['access', forge(tokens.accessToken)],
    ] as const) {
      const call = kind === 'refresh' ? sessions.refresh(token) : sessions.verify(token);
      expect(await codeOf(call)).toBe('ERR_TOKEN_INVALID');
      const last = events.at(-1);
      heard.push(last && 'reason' in last && 'kind' in last && [last.kind, last.reason]);
      expect(last).not.toHaveProperty('sessionId');
    }
    pass(40 * 24 * 60 * minute);
    await codeOf(sessions.refresh(tokens.refreshToken));
    await codeOf(sessions.verify(tokens.accessToken));
    const reasons = ['malformed', 'wrong_type', 'kid_unknown', 'forged'];
    expect(heard).toStrictEqual(
      ['refresh', 'access'].flatMap((kind) => reasons.map((reason) => [kind, reason])),
    );
    expect(events.slice(-2)).toMatchObject([
      { kind: 'refresh', reason: 'outlived' },
      { kind: 'access', reason: 'outlived' },
    ]);
  });

  it('A8: a token whose user is not the session’s', async () => {
    const { node, events, sessions } = deployment;
    const one = node(jwt());
    const ann = await one.create({ userId: 'ann' });
    const bob = await one.create({ userId: 'bob' });
    const found = await sessions.part.find(ann.sessionId);
    const other = await sessions.part.find(bob.sessionId);
    // An id with ann's shard whose record is bob's is refused as another session's …
    sessions.replies.set('find', () => ({
      ...found,
      record: { ...found?.record, userId: other?.record.userId },
    }));
    expect(await codeOf(one.verify(ann.accessToken))).toBe('ERR_STORE_RECORD');
    sessions.replies.clear();
    // … and a token that names another user than the session has is refused too.
    const { accessToken: format } = jwt();
    const lying = node({
      accessToken: (context) => {
        const real = (format as NonNullable<typeof format>)(context);
        return {
          ...real,
          read: async (token) => ({ ...(await real.read(token)), userId: 'bob' }),
          readIgnoringTime: async (token) => ({
            ...(await real.readIgnoringTime(token)),
            userId: 'bob',
          }),
        };
      },
    });
    expect(await codeOf(lying.verify(ann.accessToken))).toBe('ERR_SESSION_NOT_FOUND');
    expect(events.at(-1)).toMatchObject({ type: 'session.refused', reason: 'user_mismatch' });
    expect(await lying.revokeByToken(ann.accessToken)).toBe('missing');
    expect((await one.verify(ann.accessToken)).userId).toBe('ann');
  });
});

describe('a listener', () => {
  it('that throws has no effect on the call', async () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { node, pass } = deploy();
    const sessions = node({
      onEvent: () => {
        throw new Error('a bug');
      },
    });
    const first = await sessions.create({ userId: 'ann' });
    pass(5 * minute);
    const next = await sessions.refresh(first.refreshToken);
    expect((await sessions.verify(next.accessToken)).userId).toBe('ann');
    expect(await codeOf(sessions.refresh('garbage'))).toBe('ERR_TOKEN_INVALID');
    expect(await sessions.revokeAll('ann')).toBe(1);
    expect(reported).toHaveBeenCalledTimes(5);
    reported.mockRestore();
  });
});

describe('LG-02: what happens to other credentials is an event, without the credential', () => {
  const setUp = () => {
    const { store, now, pass } = deploy();
    const events: PawlEvent[] = [];
    const options = {
      store,
      secrets,
      clock: now,
      onEvent: (event: PawlEvent) => events.push(event),
    };
    const at = now();
    return { events, options, pass, at };
  };

  it('an API key is created, refused, revoked', async () => {
    const { events, options, pass, at } = setUp();
    const keys = createApiKeys(options);
    const { apiKey, keyId } = await keys.create({ userId: 'ann', name: 'ci', lifetime: minute });
    const other = await keys.create({ userId: 'ann', name: 'cd' });
    await keys.verify(apiKey);
    expect(await codeOf(keys.verify(`${apiKey.slice(0, -1)}!`))).toBe('ERR_TOKEN_INVALID');
    await keys.revoke(keyId, { userId: 'bob' });
    await keys.revoke('no id');
    await keys.revoke(keyId, { userId: 'ann' });
    await keys.revoke(keyId);
    expect(await codeOf(keys.verify(apiKey))).toBe('ERR_TOKEN_REVOKED');
    pass(minute + second);
    expect(await codeOf(keys.verify(apiKey))).toBe('ERR_TOKEN_EXPIRED');
    await keys.revokeAll('ann');
    expect(events).toStrictEqual([
      { type: 'api_key.created', keyId, userId: 'ann', at },
      { type: 'api_key.created', keyId: other.keyId, userId: 'ann', at },
      { type: 'api_key.refused', reason: 'malformed', at },
      { type: 'api_key.revoked', keyId, userId: 'ann', at },
      { type: 'api_key.refused', keyId, reason: 'revoked', at },
      { type: 'api_key.refused', keyId, reason: 'outlived', at: at + minute + second },
      { type: 'api_keys.revoked', userId: 'ann', count: 1, at: at + minute + second },
    ]);
    expect(JSON.stringify(events)).not.toContain(apiKey.slice(48, 110));
  });

  it('an API key is missing in the store, or has another secret there', async () => {
    const { events, options } = setUp();
    const { apiKey, keyId } = await createApiKeys(options).create({ userId: 'ann', name: 'ci' });
    const empty = createApiKeys({ ...options, store: deploy().store });
    expect(await codeOf(empty.verify(apiKey))).toBe('ERR_TOKEN_INVALID');
    expect(events.at(-1)).toMatchObject({ type: 'api_key.refused', keyId, reason: 'not_current' });
  });

  it('a single-use token is issued, taken, refused', async () => {
    const { events, options, pass, at } = setUp();
    const purpose = 'magic-link';
    const tokens = createSingleUseTokens({ ...options, purpose, lifetime: minute });
    const [first, other] = [await tokens.issue('a'), await tokens.issue('b')];
    await tokens.take(first);
    for (const bad of [first, 'nonsense']) {
      expect(await codeOf(tokens.take(bad))).toBe('ERR_TOKEN_INVALID');
    }
    pass(minute + second);
    expect(await codeOf(tokens.take(other))).toBe('ERR_TOKEN_INVALID');
    expect(events).toStrictEqual([
      { type: 'single_use.issued', purpose, at },
      { type: 'single_use.issued', purpose, at },
      { type: 'single_use.taken', purpose, at },
      { type: 'single_use.refused', purpose, reason: 'not_current', at },
      { type: 'single_use.refused', purpose, reason: 'malformed', at },
      { type: 'single_use.refused', purpose, reason: 'outlived', at: at + minute + second },
    ]);
    expect(JSON.stringify(events)).not.toContain(first.slice(48, 110));
  });
});
