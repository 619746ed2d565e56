import { createAccessTokens, jwtAccessTokens } from '@pawl/core/jwt';
import { describe, expect, it } from 'vitest';
import { codeOf, deploy, errorOf, jwt, type Node, secrets } from './deployment.ts';

const huge = 'x'.repeat(10_000_000);
const odd: readonly unknown[] = [
  null,
  undefined,
  0,
  5,
  Number.NaN,
  true,
  5n,
  {},
  [],
  () => 1,
  huge,
  '',
];

describe.each([
  ['opaque', {}],
  ['HS256', jwt()],
])('unsafe input, with %s access tokens', (_, options) => {
  const setUp = () => {
    const deployment = deploy();
    return { ...deployment, one: deployment.node(options) };
  };

  it('is refused as a token, without a store call', async () => {
    const { one, sessions } = setUp();
    const cost = await sessions.costOf(async () => {
      for (const token of [...odd, Symbol('s'), { toString: () => 'x' }, [huge]]) {
        expect(await codeOf(one.refresh(token as string))).toBe('ERR_TOKEN_INVALID');
        expect(await codeOf(one.verify(token as string))).toBe('ERR_TOKEN_INVALID');
        expect(await codeOf(one.revokeByToken(token as string))).toMatch(
          /^ERR_(TOKEN|INPUT)_INVALID$/,
        );
      }
    });
    expect(cost).toStrictEqual([]);
  });

  it('is refused as a user id, without a store call', async () => {
    const { one, sessions } = setUp();
    const cost = await sessions.costOf(async () => {
      for (const userId of [...odd, 'a\u0000', '\ud800']) {
        const id = userId as string;
        for (const call of [
          () => one.create({ userId: id }),
          () => one.list(id),
          () => one.revokeAll(id),
          () => one.revokeOthers(id, 'AAAAAAAAAAAAAAAAAAAAAAAA'),
          () => one.revokeByDevice(id, 'phone'),
          () => one.revoke('AAAAAAAAAAAAAAAAAAAAAAAA', { userId: id }),
        ]) {
          const error = await errorOf(call);
          expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID', argument: 'userId' });
        }
      }
    });
    expect(cost).toStrictEqual([]);
  });

  it('is refused as a reason, and revokes nothing', async () => {
    const { one, sessions } = setUp();
    const { sessionId, refreshToken } = await one.create({ userId: 'ann' });
    const calls: ((node: Node, reason: string) => Promise<unknown>)[] = [
      (node, reason) => node.revoke(sessionId, { reason }),
      (node, reason) => node.revokeByToken(refreshToken, { reason }),
      (node, reason) => node.revokeAll('ann', { reason }),
    ];
    const cost = await sessions.costOf(async () => {
      for (const reason of odd.filter((one_) => one_ !== undefined)) {
        for (const call of calls) {
          const error = await errorOf(call(one, reason as string));
          expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID', argument: 'reason' });
        }
      }
    });
    expect(cost).toStrictEqual([]);
  });

  it('is refused at login: the error names the argument, and nothing is stored', async () => {
    const { one, sessions } = setUp();
    const cost = await sessions.costOf(async () => {
      for (const [request, argument] of [
        [{ device: { id: '' } }, 'device.id'],
        [{ device: { id: 5 } }, 'device.id'],
        [{ device: { id: 'x'.repeat(129) } }, 'device.id'],
        [{ device: { label: huge } }, 'device.label'],
        [{ device: { ip: 5 } }, 'device.ip'],
        [{ acr: 5 }, 'acr'],
        [{ amr: 'pwd' }, 'amr'],
        [{ amr: [5] }, 'amr'],
        [{ authTime: '1' }, 'authTime'],
        [{ authTime: Number.NaN }, 'authTime'],
        [{ clientId: huge }, 'clientId'],
        [{ claims: null, data: 5 }, 'data'],
        [{ claims: 5 }, 'claims'],
        [{ claims: { sub: 'root' } }, 'claims.sub'],
        [{ claims: { big: huge } }, 'claims'],
        [{ data: [] }, 'data'],
        [{ data: { big: huge } }, 'data'],
        [{ idleTimeout: '5' }, 'idleTimeout'],
        [{ absoluteTimeout: Infinity }, 'absoluteTimeout'],
      ] as const) {
        const error = await errorOf(one.create({ userId: 'ann', ...(request as object) }));
        expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID', argument });
      }
      for (const request of [null, undefined, 5, 'ann']) {
        expect(await codeOf(one.create(request as never))).toBe('ERR_INPUT_INVALID');
      }
    });
    expect(cost).toStrictEqual([]);
  });

  it('is refused at a step-up: the older credentials still work', async () => {
    const { one } = setUp();
    const tokens = await one.create({ userId: 'ann', acr: '1' });
    for (const [authentication, argument] of [
      [{ authTime: Number.NaN }, 'authTime'],
      [{ acr: 5 }, 'acr'],
      [{ amr: 'pwd' }, 'amr'],
    ] as const) {
      const error = await errorOf(one.elevate(tokens.sessionId, authentication as never));
      expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID' });
      expect(argument).toBeDefined();
    }
    expect((await one.verify(tokens.accessToken)).acr).toBe('1');
    expect((await one.refresh(tokens.refreshToken)).outcome).toBe('rotated');
  });

  it('is cut if it is a user agent, which the client chooses', async () => {
    const { one } = setUp();
    const { sessionId } = await one.create({ userId: 'ann', device: { userAgent: huge } });
    expect((await one.get(sessionId)).device.userAgent).toHaveLength(512);
  });
});

describe('a credential of one kind', () => {
  it('JW-05: is refused wherever another kind is expected', async () => {
    const { node, now, sessions } = deploy();
    const opaque = await node().create({ userId: 'ann' });
    const signed = await node(jwt()).create({ userId: 'ann' });
    const alone = await createAccessTokens({
      format: jwtAccessTokens({
        issuer: 'https://issuer.example',
        audience: 'https://api.example',
      }),
      secrets,
      clock: now,
    }).issue({ userId: 'ann' });
    const prefixed = (token: string): readonly string[] =>
      ['pawl_rt_', 'pawl_at_', ''].map((prefix) => prefix + token.replace(/^pawl_.._/, ''));
    const cost = await sessions.costOf(async () => {
      for (const access of [opaque.accessToken, signed.accessToken, alone.accessToken]) {
        for (const token of prefixed(access)) {
          expect(await codeOf(node().refresh(token))).toBe('ERR_TOKEN_INVALID');
        }
      }
      for (const format of [{}, jwt()]) {
        for (const token of prefixed(opaque.refreshToken)) {
          expect(await codeOf(node(format).verify(token))).toBe('ERR_TOKEN_INVALID');
        }
      }
      for (const token of [signed.accessToken, alone.accessToken]) {
        expect(await codeOf(node().verify(token))).toBe('ERR_TOKEN_INVALID');
      }
      expect(await codeOf(node(jwt()).verify(opaque.accessToken))).toBe('ERR_TOKEN_INVALID');
      expect(await codeOf(node(jwt()).verify(alone.accessToken))).toBe('ERR_TOKEN_INVALID');
    });
    expect(cost).toStrictEqual([]);
  });
});
