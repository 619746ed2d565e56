import type { RootSecret } from '@pawl/core';
import { describe, expect, it } from 'vitest';
import { codeOf, deploy, errorOf, hour, jwt, minute, type Options } from '../deployment.ts';
import { rootSecret } from '../roots.ts';

const [older, newer] = [rootSecret('older'), rootSecret('newer')];
const published: RootSecret = { secret: newer, status: 'published' };

/** The root secrets of two nodes at each step: the nodes never change at the same moment. */
const steps: readonly (readonly [readonly RootSecret[], readonly RootSecret[]])[] = [
  [[older], [older]],
  [[published, older], [older]],
  [
    [published, older],
    [published, older],
  ],
  [
    [newer, older],
    [published, older],
  ],
  [
    [newer, older],
    [newer, older],
  ],
];

const formats: readonly (readonly [string, Options])[] = [
  ['opaque', {}],
  ['HS256', jwt()],
];

describe.each(formats)('a roll-over of the root secret with %s access tokens', (_, options) => {
  it('E13: logs nobody out, even with retries across each step', async () => {
    const { node, pass, types } = deploy();
    let current = await node({ ...options, secrets: [older] }).create({ userId: 'ann' });
    for (const [a, b] of steps) {
      const nodes = [node({ ...options, secrets: a }), node({ ...options, secrets: b })] as const;
      for (const [here, there] of [nodes, nodes.toReversed()] as const) {
        pass(5 * minute);
        const next = await here.refresh(current.refreshToken);
        expect(next.outcome).toBe('rotated');
        for (const other of [there, here]) {
          const again = await other.refresh(current.refreshToken);
          expect(again).toStrictEqual({ ...next, outcome: 'replayed' });
          expect((await other.verify(next.accessToken)).userId).toBe('ann');
        }
        current = next;
      }
    }
    pass(5 * minute);
    const done = await node({ ...options, secrets: [newer] }).refresh(current.refreshToken);
    expect(done.outcome).toBe('rotated');
    expect(types().filter((type) => !/^session\.(created|rotated|replayed)$/.test(type))).toEqual(
      [],
    );
  });

  it('returns the successor of the older root to a late replay', async () => {
    const { node, pass } = deploy();
    const first = await node({ ...options, secrets: [older] }).create({ userId: 'ann' });
    const next = await node({ ...options, secrets: [older] }).refresh(first.refreshToken);
    pass(5 * hour);
    const later = node({ ...options, secrets: [newer, older] });
    const late = await later.refresh(first.refreshToken);
    expect(late).toMatchObject({ outcome: 'replayed', refreshToken: next.refreshToken });
    expect((await later.verify(late.accessToken)).userId).toBe('ann');
  });

  it('refuses the tokens of a compromised root, and revokes nothing because of them', async () => {
    const { node, sessions, types } = deploy();
    const before = node({ ...options, secrets: [older] });
    const first = await before.create({ userId: 'ann' });
    const next = await before.refresh(first.refreshToken);
    const stolen: RootSecret = { secret: older, status: 'compromised' };
    const after = node({ ...options, secrets: [newer, stolen] });
    types();
    const calls = await sessions.costOf(async () => {
      for (const { refreshToken, accessToken } of [first, next]) {
        expect(await codeOf(after.refresh(refreshToken))).toBe('ERR_TOKEN_INVALID');
        expect(await codeOf(after.verify(accessToken))).toBe('ERR_TOKEN_INVALID');
        expect(await errorOf(after.revokeByToken(refreshToken))).toMatchObject({
          code: 'ERR_TOKEN_INVALID',
          refusal: 'kid_compromised',
        });
        expect(await codeOf(after.revokeByToken(accessToken))).toBe('ERR_TOKEN_INVALID');
      }
    });
    expect(calls).toStrictEqual([]);
    expect(new Set(types())).toStrictEqual(new Set(['token.refused']));
    expect(await after.list('ann')).toHaveLength(1);
  });

  it('never returns a successor of a compromised root', async () => {
    const { node } = deploy();
    const first = await node({ ...options, secrets: [older] }).create({ userId: 'ann' });
    await node({ ...options, secrets: [newer, older] }).refresh(first.refreshToken);
    const after = node({
      ...options,
      secrets: [older, { secret: newer, status: 'compromised' }],
    });
    expect(await codeOf(after.refresh(first.refreshToken))).toBe('ERR_TOKEN_INVALID');
    expect(await after.list('ann')).toHaveLength(1);
  });

  it('asks the client to retry on a node that does not know the newer root', async () => {
    const { node, sessions } = deploy();
    const first = await node({ ...options, secrets: [older] }).create({ userId: 'ann' });
    const newerNode = node({ ...options, secrets: [newer, older] });
    const next = await newerNode.refresh(first.refreshToken);
    const olderNode = node({ ...options, secrets: [older] });
    expect(await codeOf(olderNode.refresh(first.refreshToken))).toBe('ERR_REFRESH_RETRY');
    const cost = await sessions.costOf(async () => {
      expect(await codeOf(olderNode.refresh(next.refreshToken))).toBe('ERR_TOKEN_INVALID');
    });
    expect(cost).toStrictEqual([]);
    expect((await newerNode.refresh(first.refreshToken)).refreshToken).toBe(next.refreshToken);
  });

  it('makes no store call for the tokens of a retired root', async () => {
    const { node, sessions } = deploy();
    const { refreshToken, accessToken } = await node({ ...options, secrets: [older] }).create({
      userId: 'ann',
    });
    const after = node({ ...options, secrets: [newer] });
    const cost = await sessions.costOf(async () => {
      expect(await codeOf(after.refresh(refreshToken))).toBe('ERR_TOKEN_INVALID');
      expect(await codeOf(after.verify(accessToken))).toBe('ERR_TOKEN_INVALID');
    });
    expect(cost).toStrictEqual([]);
  });
});
