import type { RootSecret } from '@pawl/core';
import { describe, expect, it } from 'vitest';
import { codeOf, deploy, errorOf, hour, jwt, minute, type Options } from '../deployment.ts';
import { rootSecret } from '../roots.ts';

const [older, newer] = [rootSecret('older'), rootSecret('newer')];
const published: RootSecret = { secret: newer, status: 'published' };

/** What the two nodes of a deployment know, from step to step: they never change at once. */
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
  it('E13: logs nobody out, with retries across each switch', async () => {
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

  it('a late replay across the switch gets the successor of the older root', async () => {
    const { node, pass } = deploy();
    const first = await node({ ...options, secrets: [older] }).create({ userId: 'ann' });
    const next = await node({ ...options, secrets: [older] }).refresh(first.refreshToken);
    pass(5 * hour);
    const later = node({ ...options, secrets: [newer, older] });
    const late = await later.refresh(first.refreshToken);
    expect(late).toMatchObject({ outcome: 'replayed', refreshToken: next.refreshToken });
    expect((await later.verify(late.accessToken)).userId).toBe('ann');
  });

  it('a compromised root: its tokens are refused, and nothing is revoked on their word', async () => {
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

  it('a successor of a compromised root is answered to nobody', async () => {
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

  it('a node that was never told of the newer root lets the client try again', async () => {
    const { node, sessions } = deploy();
    const first = await node({ ...options, secrets: [older] }).create({ userId: 'ann' });
    const told = node({ ...options, secrets: [newer, older] });
    const next = await told.refresh(first.refreshToken);
    const untold = node({ ...options, secrets: [older] });
    expect(await codeOf(untold.refresh(first.refreshToken))).toBe('ERR_REFRESH_RETRY');
    const cost = await sessions.costOf(async () => {
      expect(await codeOf(untold.refresh(next.refreshToken))).toBe('ERR_TOKEN_INVALID');
    });
    expect(cost).toStrictEqual([]);
    expect((await told.refresh(first.refreshToken)).refreshToken).toBe(next.refreshToken);
  });

  it('a retired root’s tokens cost no store call', async () => {
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
