import { createHmac, hkdfSync } from 'node:crypto';
import { opaqueAccessTokens, systemClock } from '@pawl/core';
import {
  type AccessTokens,
  type AccessTokensOptions,
  createAccessTokens,
  jwtAccessTokens,
} from '@pawl/core/jwt';
import type { BlocklistChecker, BlocklistRevoker } from '@pawl/core/store';
import { describe, expect, it } from 'vitest';
import { codeOf, deploy, errorOf, jwt, minute, second, secrets } from '../deployment.ts';
import { rootSecret } from '../roots.ts';

const format = jwtAccessTokens({
  issuer: 'https://issuer.example',
  audience: 'https://api.example',
  clockTolerance: 0,
});

type Deployed = ReturnType<typeof deploy>;
const tokensOf = (
  { now }: Pick<Deployed, 'now'>,
  options: Partial<AccessTokensOptions> = {},
): AccessTokens<Record<string, unknown>> =>
  createAccessTokens({ format, secrets, clock: now, ...options });

describe('access tokens without sessions', () => {
  it('A1: name the user, and need no store', async () => {
    const deployment = deploy();
    const tokens = tokensOf(deployment);
    const { accessToken, expiresAt } = await tokens.issue({
      userId: 'ann',
      claims: { role: 'reader' },
      acr: '1',
      amr: ['pwd'],
      scope: 'read',
      clientId: 'app',
      actor: 'support',
      organizationId: 'org',
    });
    expect(expiresAt).toBe(Math.floor((deployment.now() + 10 * minute) / 1_000) * 1_000);
    const auth = await tokens.verify(accessToken);
    expect(auth).toMatchObject({
      userId: 'ann',
      sessionId: null,
      session: null,
      expiresAt,
      authTime: Math.floor(deployment.now() / 1_000) * 1_000,
      acr: '1',
      amr: ['pwd'],
      scope: 'read',
      clientId: 'app',
      actor: 'support',
      organizationId: 'org',
      jkt: null,
    });
    expect({ ...auth.claims }).toStrictEqual({ role: 'reader' });
    expect(deployment.sessions.calls).toStrictEqual([]);
  });

  it('A1: ignore a session id in a token', async () => {
    const deployment = deploy();
    const { accessToken } = await deployment.node(jwt()).create({ userId: 'ann' });
    expect(await tokensOf(deployment).verify(accessToken)).toMatchObject({
      userId: 'ann',
      sessionId: null,
    });
  });

  it('A5, B1: have a unique jti', async () => {
    const tokens = tokensOf(deploy());
    const ids = new Set<string | null>();
    for (let i = 0; i < 50; i++) {
      const { accessToken } = await tokens.issue({ userId: 'ann' });
      ids.add((await tokens.verify(accessToken)).tokenId);
    }
    expect(ids.size).toBe(50);
    expect(ids.has(null)).toBe(false);
  });

  it('A11: have different error codes for invalid and expired tokens', async () => {
    const deployment = deploy();
    const tokens = tokensOf(deployment);
    const { accessToken } = await tokens.issue({ userId: 'ann', lifetime: 5 * second });
    const foreign = await tokensOf(deployment, { secrets: [rootSecret('foreign')] }).issue({
      userId: 'ann',
    });
    for (const odd of ['', 'x', 'a.b.c', foreign.accessToken, null, 5, {}, undefined]) {
      expect(await codeOf(tokens.verify(odd as string))).toBe('ERR_TOKEN_INVALID');
    }
    deployment.pass(5 * second - 679);
    expect((await tokens.verify(accessToken)).userId).toBe('ann');
    deployment.pass(1);
    expect(await codeOf(tokens.verify(accessToken))).toBe('ERR_TOKEN_EXPIRED');
  });

  it('cannot live longer than configured, or less than a second', async () => {
    const tokens = tokensOf(deploy());
    for (const lifetime of [999, 0, -1, Number.NaN, 10 * minute + 1, '5000', null, Infinity]) {
      const error = await errorOf(tokens.issue({ userId: 'ann', lifetime: lifetime as number }));
      expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID', argument: 'lifetime' });
    }
    expect(await tokens.issue({ userId: 'ann', lifetime: 1_000 })).toBeDefined();
  });

  it('throw an error that names invalid input', async () => {
    const tokens = tokensOf(deploy());
    for (const [request, argument] of [
      [{ userId: '' }, 'userId'],
      [{ userId: 5 }, 'userId'],
      [{ userId: 'ann', claims: { sub: 'bob' } }, 'claims.sub'],
      [{ userId: 'ann', claims: [] }, 'claims'],
    ] as const) {
      expect(await errorOf(tokens.issue(request as never))).toMatchObject({ argument });
    }
    expect(await codeOf(tokens.issue({ userId: 'ann', authTime: Number.NaN }))).toBe(
      'ERR_INPUT_INVALID',
    );
  });

  it('A16: throw an error that names a missing or contradictory option', async () => {
    for (const [options, option] of [
      [{ secrets: [] }, 'secrets'],
      [{ secrets: undefined }, 'secrets'],
      [{ lifetime: 999 }, 'lifetime'],
      [{ lifetime: Number.NaN }, 'lifetime'],
      [{ lifetime: 1e300 }, 'lifetime'],
      [{ format: opaqueAccessTokens() }, 'format'],
    ] as const) {
      const error = await errorOf(() => tokensOf({ now: systemClock }, options as never));
      expect(error).toMatchObject({ code: 'ERR_CONFIGURATION', option });
    }
  });
});

it('an undefined client id is the first audience, as an absent one is', async () => {
  const { accessToken } = await tokensOf(deploy(), {
    format: jwtAccessTokens({
      issuer: 'https://issuer.example',
      audience: ['https://api.example', 'https://other.example'],
      clientId: undefined,
    }),
  }).issue({ userId: 'ann' });
  const payload = Buffer.from(accessToken.split('.')[1] as string, 'base64url').toString();
  expect(JSON.parse(payload)).toMatchObject({ client_id: 'https://api.example' });
});

describe('a blocklist for access tokens alone', () => {
  it('B2, B3: refuses a revoked token, through two interfaces of one method each', async () => {
    const deployment = deploy();
    const { part } = deployment.blocklist;
    const checker: BlocklistChecker = { isRevoked: (ids) => part.isRevoked(ids) };
    const revoker: BlocklistRevoker = { revoke: (id, end) => part.revoke(id, end) };
    const tokens = tokensOf(deployment, { blocklist: { blocklist: checker } });
    const { accessToken } = await tokens.issue({ userId: 'ann' });
    const other = await tokens.issue({ userId: 'ann' });
    expect((await tokens.verify(accessToken)).userId).toBe('ann');
    await tokens.revoke(accessToken, { blocklist: revoker });
    await tokens.revoke(accessToken, { blocklist: revoker });
    expect(await codeOf(tokens.verify(accessToken))).toBe('ERR_TOKEN_REVOKED');
    expect((await tokens.verify(other.accessToken)).userId).toBe('ann');
  });

  it('A6: accepts an expired token for a logout', async () => {
    const deployment = deploy();
    const tokens = tokensOf(deployment);
    const { accessToken } = await tokens.issue({ userId: 'ann' });
    deployment.pass(60 * minute);
    await tokens.revoke(accessToken, deployment.store);
    expect(await codeOf(tokens.verify(accessToken))).toBe('ERR_TOKEN_EXPIRED');
    expect(await codeOf(tokens.revoke('garbage', deployment.store))).toBe('ERR_TOKEN_INVALID');
  });

  it('B2: is asked for jti and session in one call, and refuses if either is listed', async () => {
    const deployment = deploy();
    const asked: (readonly string[])[] = [];
    const blocklist: BlocklistChecker = {
      isRevoked: (ids) => {
        asked.push(ids);
        return deployment.store.blocklist.isRevoked(ids);
      },
    };
    const tokens = tokensOf(deployment, { blocklist: { blocklist } });
    const ofSession = await deployment.node(jwt()).create({ userId: 'ann' });
    const alone = await tokens.issue({ userId: 'ann' });
    const { tokenId } = await tokens.verify(ofSession.accessToken);
    const { tokenId: aloneId } = await tokens.verify(alone.accessToken);
    expect(asked).toStrictEqual([[tokenId, ofSession.sessionId], [aloneId]]);
    await deployment.store.blocklist.revoke(ofSession.sessionId, deployment.now() + 60 * minute);
    expect(await codeOf(tokens.verify(ofSession.accessToken))).toBe('ERR_TOKEN_REVOKED');
    expect((await tokens.verify(alone.accessToken)).userId).toBe('ann');
  });

  it('RV-08, B2: drops a token when it has expired for every clock', async () => {
    const deployment = deploy();
    const tokens = tokensOf(deployment, { blocklist: deployment.store });
    const { accessToken, expiresAt } = await tokens.issue({ userId: 'ann' });
    await tokens.revoke(accessToken, deployment.store);
    deployment.pass(expiresAt - deployment.now() + 2 * minute);
    expect(await deployment.store.blocklist.deleteExpired()).toBe(0);
    deployment.pass(1);
    expect(await deployment.store.blocklist.deleteExpired()).toBe(1);
  });

  it('B4: refuses if it fails, and a logout throws if it fails', async () => {
    const deployment = deploy();
    const tokens = tokensOf(deployment, { blocklist: { blocklist: deployment.blocklist.part } });
    const { accessToken } = await tokens.issue({ userId: 'ann' });
    deployment.blocklist.fail('isRevoked', 'before');
    deployment.blocklist.fail('revoke', 'before');
    expect(await codeOf(tokens.verify(accessToken))).toBe('ERR_STORE_UNAVAILABLE');
    expect(await codeOf(tokens.revoke(accessToken, { blocklist: deployment.blocklist.part }))).toBe(
      'ERR_STORE_UNAVAILABLE',
    );
    expect((await tokens.verify(accessToken)).userId).toBe('ann');
  });

  it('B5, RV-06: refuses a token without a jti, unless configured, with one warning', async () => {
    const deployment = deploy();
    let warned = 0;
    const legacy = (dangerouslyAllowMissingId: boolean): AccessTokensOptions['format'] =>
      jwtAccessTokens({
        issuer: 'https://issuer.example',
        audience: 'https://api.example',
        dangerouslyAllowMissingId,
        onLegacy: () => {
          warned += 1;
        },
      });
    const { accessToken } = await tokensOf(deployment).issue({ userId: 'ann' });
    const text = withoutId(accessToken);
    const refusing = tokensOf(deployment, { format: legacy(false) });
    expect(await codeOf(refusing.verify(text))).toBe('ERR_TOKEN_INVALID');
    const accepting = tokensOf(deployment, { format: legacy(true) });
    for (let i = 0; i < 3; i++) expect((await accepting.verify(text)).userId).toBe('ann');
    expect(warned).toBe(1);
    expect(await codeOf(accepting.revoke(text, deployment.store))).toBe('ERR_TOKEN_INVALID');
    const checking = tokensOf(deployment, {
      format: legacy(true),
      blocklist: deployment.store,
    });
    expect(await codeOf(checking.verify(text))).toBe('ERR_TOKEN_INVALID');
  });
});

/** The same token, signed again with the root's own key, without its `jti`. */
const withoutId = (token: string): string => {
  const [header, payload] = token.split('.') as [string, string];
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<
    string,
    unknown
  >;
  const { jti: _, ...rest } = claims;
  const body = `${header}.${Buffer.from(JSON.stringify(rest)).toString('base64url')}`;
  const key = Buffer.from(
    hkdfSync('sha256', rootSecret('one'), 'pawl root v1', 'pawl access jwt v1', 32),
  );
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
};
