import { generateSigningKey } from '@pawl/core/jwt';
import { describe, expect, it } from 'vitest';
import {
  codeOf,
  day,
  deploy,
  errorOf,
  hour,
  jwt,
  minute,
  type Options,
  second,
} from '../deployment.ts';

const eddsa = await generateSigningKey('EdDSA');
const formats: readonly (readonly [string, Options])[] = [
  ['opaque', {}],
  ['HS256', jwt()],
  ['EdDSA', jwt({ keys: [eddsa] })],
];

describe.each(formats)('a refresh with %s access tokens', (_, options) => {
  it('returns the next pair', async () => {
    const { node, pass, types } = deploy();
    const sessions = node(options);
    const first = await sessions.create({ userId: 'ann' });
    pass(5 * minute);
    const next = await sessions.refresh(first.refreshToken);
    expect(next).toMatchObject({ outcome: 'rotated', sessionId: first.sessionId, userId: 'ann' });
    expect(next.refreshToken).not.toBe(first.refreshToken);
    expect(next.accessToken).not.toBe(first.accessToken);
    expect((await sessions.verify(next.accessToken)).userId).toBe('ann');
    expect(types()).toStrictEqual(['session.created', 'session.rotated']);
  });

  it('returns the very same pair to a retry within the grace period, on any node', async () => {
    const { node, pass, types } = deploy();
    const first = await node(options).create({ userId: 'ann', claims: { role: 'reader' } });
    pass(5 * minute);
    const { outcome: _rotated, ...next } = await node(options).refresh(first.refreshToken);
    for (const later of [0, 400, 9_600 - 400]) {
      pass(later);
      const { outcome, ...again } = await node(options).refresh(first.refreshToken);
      expect(outcome).toBe('replayed');
      expect(again).toStrictEqual(next);
    }
    expect(types().slice(2)).toStrictEqual(Array(3).fill('session.replayed'));
  });

  it('returns the same pair for a fresh token: it settles', async () => {
    const { node, pass } = deploy();
    const sessions = node(options);
    const first = await sessions.create({ userId: 'ann' });
    pass(5 * minute);
    const { outcome: _, ...next } = await sessions.refresh(first.refreshToken);
    pass(minute - 1);
    expect(await node(options).refresh(next.refreshToken)).toStrictEqual({
      ...next,
      outcome: 'settled',
    });
  });

  it('returns an access token timed from now to a late replay of an unused successor', async () => {
    const { node, pass, now, events } = deploy();
    const sessions = node(options);
    const first = await sessions.create({ userId: 'ann' });
    const next = await sessions.refresh(first.refreshToken);
    pass(6 * hour);
    const late = await sessions.refresh(first.refreshToken);
    expect(late).toMatchObject({ outcome: 'replayed', refreshToken: next.refreshToken });
    expect(late.accessTokenExpiresAt).toBeGreaterThan(now() + 8 * minute);
    expect(late.accessTokenExpiresAt).toBeLessThanOrEqual(now() + 10 * minute);
    expect(events.at(-1)).toMatchObject({ type: 'session.replayed', late: true });
    expect((await sessions.verify(late.accessToken)).sessionId).toBe(first.sessionId);
  });

  it('returns no access token beyond the idle or the absolute expiry to a late replay', async () => {
    for (const left of [2 * minute, 1_500, 679]) {
      const { node, pass, now } = deploy();
      const sessions = node({ ...options, idleTimeout: hour });
      const { refreshToken } = await sessions.create({ userId: 'ann' });
      await sessions.refresh(refreshToken);
      pass(hour - left);
      const { outcome, accessTokenExpiresAt } = await sessions.refresh(refreshToken);
      expect(outcome).toBe('replayed');
      expect(accessTokenExpiresAt).toBeGreaterThan(now());
      expect(accessTokenExpiresAt).toBeLessThanOrEqual(now() + left);
    }
  });

  it('refuses a late replay as expired in the last second of the session', async () => {
    for (const left of [300, 1]) {
      const { node, pass } = deploy();
      const sessions = node({ ...options, idleTimeout: hour });
      const { refreshToken } = await sessions.create({ userId: 'ann' });
      await sessions.refresh(refreshToken);
      pass(hour - left);
      expect(await codeOf(sessions.refresh(refreshToken))).toBe('ERR_SESSION_EXPIRED');
    }
  });

  it('RT-04: returns no access token that outlives the session', async () => {
    const { node, pass } = deploy();
    const sessions = node({ ...options, idleTimeout: day, absoluteTimeout: day });
    let tokens = await sessions.create({ userId: 'ann' });
    const end = tokens.refreshTokenExpiresAt;
    pass(day - 5 * minute);
    for (let i = 0; i < 4; i++) {
      tokens = await sessions.refresh(tokens.refreshToken);
      expect(tokens.refreshTokenExpiresAt).toBe(end);
      expect(tokens.accessTokenExpiresAt).toBe(end);
      pass(minute + 1);
    }
    pass(minute);
    expect(await codeOf(sessions.refresh(tokens.refreshToken))).toBe('ERR_TOKEN_EXPIRED');
  });

  it('works in the last second of a session', async () => {
    const { node, pass, now } = deploy();
    const sessions = node(options);
    const { refreshToken, refreshTokenExpiresAt } = await sessions.create({
      userId: 'ann',
      absoluteTimeout: hour,
    });
    pass(refreshTokenExpiresAt - now() - 1);
    const last = await sessions.refresh(refreshToken);
    expect(last.accessTokenExpiresAt).toBe(refreshTokenExpiresAt);
    pass(1);
    expect(await codeOf(sessions.refresh(last.refreshToken))).toBe('ERR_TOKEN_EXPIRED');
  });
});

describe('a refresh', () => {
  it('JW-14: shortens each access token by a different part of the jitter', async () => {
    const { node, now } = deploy();
    const sessions = node({ accessTokenLifetime: 1_000 * second, accessTokenJitter: 0.2 });
    const lifetimes = new Set<number>();
    for (let i = 0; i < 60; i++) {
      const { accessTokenExpiresAt } = await sessions.create({ userId: 'ann' });
      lifetimes.add(accessTokenExpiresAt / 1_000 - Math.floor(now() / 1_000));
    }
    expect(Math.max(...lifetimes)).toBeLessThanOrEqual(1_000);
    expect(Math.min(...lifetimes)).toBeGreaterThanOrEqual(799);
    expect(lifetimes.size).toBeGreaterThan(30);
    const steady = node({ accessTokenJitter: 0 });
    const { accessTokenExpiresAt } = await steady.create({ userId: 'ann' });
    expect(accessTokenExpiresAt).toBe(Math.floor(now() / 1_000) * 1_000 + 10 * minute);
  });

  it('A19, RT-02: issues nothing for a consumed token, and ends the session', async () => {
    const { node, pass, types } = deploy();
    const sessions = node();
    const first = await sessions.create({ userId: 'ann' });
    const other = await sessions.create({ userId: 'ann' });
    const next = await sessions.refresh(first.refreshToken);
    await sessions.verify(next.accessToken);
    pass(2 * minute + 1);
    types();
    const error = await errorOf(sessions.refresh(first.refreshToken));
    expect(error).toMatchObject({ code: 'ERR_REUSE_DETECTED' });
    expect(types()).toStrictEqual(['reuse.detected', 'session.revoked']);
    for (const dead of [first, next]) {
      expect(await codeOf(sessions.refresh(dead.refreshToken))).toBe('ERR_SESSION_REVOKED');
      expect(await codeOf(sessions.verify(dead.accessToken))).toBe('ERR_SESSION_REVOKED');
    }
    expect((await sessions.refresh(other.refreshToken)).outcome).toBe('rotated');
  });

  it('RT-10: ends the session at every replay, in strict', async () => {
    const { node } = deploy();
    const sessions = node({ preset: 'strict' });
    const { refreshToken } = await sessions.create({ userId: 'ann' });
    await sessions.refresh(refreshToken);
    expect(await codeOf(sessions.refresh(refreshToken))).toBe('ERR_REUSE_DETECTED');
  });

  it('A19, TOC-01: rotates once for 64 calls at once, and returns the same pair to all others', async () => {
    const { node, types } = deploy();
    const [a, b] = [node({ maxReplays: 100 }), node({ maxReplays: 100 })];
    const { refreshToken } = await a.create({ userId: 'ann' });
    const results = await Promise.all(
      Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? a : b).refresh(refreshToken)),
    );
    expect(results.filter((tokens) => tokens.outcome === 'rotated')).toHaveLength(1);
    expect(new Set(results.map((tokens) => tokens.refreshToken)).size).toBe(1);
    expect(new Set(results.map((tokens) => tokens.accessToken)).size).toBe(1);
    expect(types().filter((type) => type === 'session.replayed')).toHaveLength(63);
  });

  it('tells a late request to retry, and revokes nothing', async () => {
    const { node, pass, types } = deploy();
    const sessions = node();
    const first = await sessions.create({ userId: 'ann' });
    const next = await sessions.refresh(first.refreshToken);
    await sessions.verify(next.accessToken);
    pass(minute);
    types();
    expect(await codeOf(sessions.refresh(first.refreshToken))).toBe('ERR_REFRESH_RETRY');
    expect(types()).toStrictEqual(['session.retry_requested']);
    expect((await sessions.refresh(next.refreshToken)).outcome).toBe('rotated');
  });

  it('RT-05: is refused from the millisecond of the idle or the absolute timeout', async () => {
    const { node, pass, types } = deploy();
    const sessions = node();
    const idle = await sessions.create({ userId: 'ann' });
    pass(14 * day - 1);
    const kept = await sessions.refresh(idle.refreshToken);
    pass(14 * day);
    types();
    expect(await codeOf(sessions.refresh(kept.refreshToken))).toBe('ERR_SESSION_EXPIRED');
    expect(types()).toStrictEqual(['session.refused']);
  });

  it('makes one store call', async () => {
    const { node, sessions } = deploy();
    const one = node();
    const { refreshToken } = await one.create({ userId: 'ann' });
    expect(await sessions.costOf(() => one.refresh(refreshToken))).toStrictEqual(['rotate']);
    expect(await sessions.costOf(() => one.refresh(refreshToken))).toStrictEqual(['rotate']);
  });

  it('SE-01: is refused for a session that the store does not have', async () => {
    const { refreshToken } = await deploy().node().create({ userId: 'ann' });
    const { node, types } = deploy();
    expect(await codeOf(node().refresh(refreshToken))).toBe('ERR_SESSION_NOT_FOUND');
    expect(types()).toStrictEqual(['session.missed']);
  });
});
