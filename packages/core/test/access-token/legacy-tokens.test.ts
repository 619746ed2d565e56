import {
  createAccessTokens,
  createJwt,
  generateSigningKey,
  jwtAccessTokens,
  type LegacyTokenOptions,
  type SigningKey,
} from '@pawl/core/jwt';
import { type CryptoKey, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { codeOf, type Deployment, day, deploy, errorOf, minute, secrets } from '../deployment.ts';

const text = new TextEncoder();
const secret = text.encode('the secret of the system before this one');
const names = { issuer: 'https://issuer.example', audience: 'https://api.example' };
const earlier = { issuer: 'old-service', audience: 'old-api' };

interface Token {
  readonly header?: object;
  readonly claims?: object;
  readonly key?: Uint8Array | CryptoKey;
}

/** A token as the earlier deployment signed it. */
const sign = ({ now }: Deployment, { header = {}, claims = {}, key = secret }: Token = {}) => {
  const iat = Math.floor(now() / 1_000);
  return new SignJWT({
    iss: earlier.issuer,
    aud: earlier.audience,
    sub: 'ann',
    iat,
    exp: iat + 7 * 86_400,
    role: 'admin',
    ...claims,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', ...header })
    .sign(key);
};

const legacy = (
  { now }: Deployment,
  options: Partial<LegacyTokenOptions> = {},
): LegacyTokenOptions => ({
  ...earlier,
  key: { alg: 'HS256', secret },
  until: now() + 3 * day,
  ...options,
});

const verifier = (
  deployment: Deployment,
  options: Partial<LegacyTokenOptions> = {},
  keys?: readonly SigningKey[],
) =>
  createAccessTokens({
    secrets,
    clock: deployment.now,
    format: jwtAccessTokens({ ...names, keys, legacyTokens: legacy(deployment, options) }),
  });

const invalid = 'ERR_TOKEN_INVALID';

describe('tokens of an earlier deployment', () => {
  it('are accepted until the date, also when they are cached', async () => {
    const deployment = deploy();
    const tokens = verifier(deployment);
    const token = await sign(deployment);
    for (let time = 0; time < 3; time++) {
      expect(await tokens.verify(token)).toMatchObject({
        userId: 'ann',
        claims: { role: 'admin' },
        clientId: names.audience,
        tokenId: null,
        sessionId: null,
      });
    }
    deployment.pass(3 * day - 1);
    expect((await tokens.verify(token)).userId).toBe('ann');
    deployment.pass(1);
    expect(await codeOf(tokens.verify(token))).toBe('ERR_TOKEN_EXPIRED');
    expect(await codeOf(verifier(deployment, { until: deployment.now() }).verify(token))).toBe(
      'ERR_TOKEN_EXPIRED',
    );
  });

  it('expire by themselves too', async () => {
    const deployment = deploy();
    const token = await sign(deployment, {
      claims: { exp: Math.floor(deployment.now() / 1_000) + 60 },
    });
    const tokens = verifier(deployment);
    expect((await tokens.verify(token)).userId).toBe('ann');
    deployment.pass(2 * minute);
    expect(await codeOf(tokens.verify(token))).toBe('ERR_TOKEN_EXPIRED');
  });

  it.each<[string, Token]>([
    ['no typ', { header: { typ: undefined } }],
    ['its own kid', { header: { kid: 'k1' } }],
    ['a jti', { claims: { jti: 'a' } }],
    ['several audiences', { claims: { aud: ['x', earlier.audience] } }],
  ])('may have %s', async (_, token) => {
    const deployment = deploy();
    const tokens = verifier(deployment, { key: { kid: 'k1', alg: 'HS256', secret } });
    expect((await tokens.verify(await sign(deployment, token))).userId).toBe('ann');
  });

  it.each<[string, Token]>([
    ['another kid', { header: { kid: 'k2' } }],
    ['another typ', { header: { typ: 'refresh+jwt' } }],
    ['the typ of ours', { header: { typ: 'at+jwt' } }],
    ['another algorithm', { header: { alg: 'HS384' } }],
    ['another key', { key: text.encode('another secret that is long enough, too') }],
    ['another issuer', { claims: { iss: names.issuer } }],
    ['another audience', { claims: { aud: names.audience } }],
    ['no audience', { claims: { aud: undefined } }],
    ['no user', { claims: { sub: undefined } }],
    ['no expiry', { claims: { exp: undefined } }],
    ['a jti of no text', { claims: { jti: 5 } }],
    ['an empty jti', { claims: { jti: '' } }],
  ])('are refused with %s', async (_, token) => {
    const deployment = deploy();
    const tokens = verifier(deployment, { key: { kid: 'k1', alg: 'HS256', secret } });
    expect(await codeOf(tokens.verify(await sign(deployment, token)))).toBe(invalid);
  });

  it('`accept` keeps out what the same key signed besides access tokens', async () => {
    const deployment = deploy();
    const tokens = verifier(deployment, { accept: ({ kind }) => kind === 'access' });
    const [refresh, access] = await Promise.all(
      ['refresh', 'access'].map((kind) => sign(deployment, { claims: { kind } })),
    );
    expect(await codeOf(tokens.verify(refresh as string))).toBe(invalid);
    expect((await tokens.verify(access as string)).userId).toBe('ann');
  });

  it('JW-01, JW-02: weaken nothing: neither key verifies the other’s tokens', async () => {
    const deployment = deploy();
    const key = await generateSigningKey('ES256');
    const { privateKey, publicKey } = key as Extract<SigningKey, { publicKey: unknown }>;
    const tokens = verifier(deployment, {}, [key]);
    const ours = { iss: names.issuer, aud: names.audience, jti: 'a', client_id: 'web' };
    for (const token of [
      // The old secret signs what looks like one of ours.
      { header: { typ: 'at+jwt', kid: key.kid }, claims: ours },
      { header: { typ: 'JWT' }, claims: ours },
      { header: { kid: key.kid } },
      // Our key signs what looks like an old one.
      { header: { alg: 'ES256' }, key: privateKey as CryptoKey },
      // The public key as an HMAC secret.
      { key: new Uint8Array(await crypto.subtle.exportKey('spki', publicKey as CryptoKey)) },
      {
        key: text.encode(
          JSON.stringify(await crypto.subtle.exportKey('jwk', publicKey as CryptoKey)),
        ),
      },
    ]) {
      expect(await codeOf(tokens.verify(await sign(deployment, token)))).toBe(invalid);
    }
    const { accessToken } = await tokens.issue({ userId: 'ann' });
    expect((await tokens.verify(accessToken)).userId).toBe('ann');
    const without = createAccessTokens({
      secrets,
      clock: deployment.now,
      format: jwtAccessTokens(names),
    });
    expect(await codeOf(without.verify(await sign(deployment)))).toBe(invalid);
  });

  it('public keys: the earlier deployment’s algorithm, and no HMAC with its public key', async () => {
    const deployment = deploy();
    const old = await generateSigningKey('ES256');
    const { privateKey, publicKey } = old as Extract<SigningKey, { publicKey: unknown }>;
    const tokens = verifier(deployment, { key: { alg: 'ES256', publicKey } });
    const signed = { header: { alg: 'ES256' }, key: privateKey as CryptoKey };
    expect((await tokens.verify(await sign(deployment, signed))).userId).toBe('ann');
    for (const format of ['spki', 'raw'] as const) {
      const bytes = new Uint8Array(await crypto.subtle.exportKey(format, publicKey as CryptoKey));
      expect(await codeOf(tokens.verify(await sign(deployment, { key: bytes })))).toBe(invalid);
    }
  });

  it('with sessions: they pass every check, without a session of ours', async () => {
    const deployment = deploy();
    const blocklist = { blocklist: deployment.blocklist.part };
    for (const revocationCheck of ['session', 'blocklist', 'none'] as const) {
      const sessions = deployment.node({
        accessToken: jwtAccessTokens({ ...names, legacyTokens: legacy(deployment) }),
        revocationCheck,
        blocklist,
      });
      const { sessionId } = await sessions.create({ userId: 'bob' });
      const claims = { jti: `old-${revocationCheck}`, sid: sessionId, gen: 0 };
      const token = await sign(deployment, { claims });
      expect(await sessions.verify(token)).toMatchObject({
        userId: 'ann',
        sessionId: null,
        session: null,
      });
      expect(await sessions.identify(token)).toBeNull();
      await blocklist.blocklist.revoke(claims.jti, deployment.now() + day);
      const after = revocationCheck === 'none' ? sessions.verify(token) : undefined;
      expect(
        await (after ? after.then(({ userId }) => userId) : codeOf(sessions.verify(token))),
      ).toBe(after ? 'ann' : 'ERR_TOKEN_REVOKED');
      expect(await codeOf(sessions.revokeByToken(token))).toBe(invalid);
    }
  });

  it('without sessions: all of a user’s are refused after `revokeAll`, by their iat', async () => {
    const deployment = deploy();
    const tokens = createAccessTokens({
      secrets,
      clock: deployment.now,
      blocklist: deployment.store,
      format: jwtAccessTokens({ ...names, legacyTokens: legacy(deployment) }),
    });
    const token = await sign(deployment);
    expect((await tokens.verify(token)).userId).toBe('ann');
    await tokens.revokeAll('ann');
    expect(await codeOf(tokens.verify(token))).toBe('ERR_TOKEN_REVOKED');
    // Long after the tokens of this deployment have expired.
    deployment.pass(3 * day - 1);
    await deployment.store.blocklist.deleteExpired();
    expect(await codeOf(tokens.verify(token))).toBe('ERR_TOKEN_REVOKED');
  });

  it.each<[string, (options: LegacyTokenOptions, now: number) => object]>([
    ['legacyTokens.until', (options) => ({ ...options, until: undefined })],
    ['legacyTokens.until', (options) => ({ ...options, until: Number.NaN })],
    ['legacyTokens.until', (options) => ({ ...options, until: Infinity })],
    ['legacyTokens.until', (options) => ({ ...options, until: new Date('never') })],
    ['legacyTokens.until', (options, now) => ({ ...options, until: now + 400 * day + 1 })],
    ['legacyTokens.issuer', (options) => ({ ...options, issuer: undefined })],
    ['legacyTokens.audience', (options) => ({ ...options, audience: undefined })],
    ['legacyTokens.audience', (options) => ({ ...options, audience: [] })],
    ['legacyTokens.key.alg', (options) => ({ ...options, key: undefined })],
    ['legacyTokens.key.alg', (options) => ({ ...options, key: { alg: 'none', secret } })],
    [
      'legacyTokens.key.secret',
      (options) => ({ ...options, key: { alg: 'HS256', secret: text.encode('short') } }),
    ],
    [
      'legacyTokens.key',
      (options) => ({
        ...options,
        key: {
          alg: 'HS256',
          secret: text.encode('-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI'),
        },
      }),
    ],
    ['legacyTokens.keys', (options) => ({ ...options, keys: [] })],
  ])('A16: a missing or invalid option is named: %s', async (option, change) => {
    const deployment = deploy();
    const { now } = deployment;
    const make = () =>
      createJwt({
        ...names,
        clock: now,
        keys: [{ kid: 'a', alg: 'HS256', secret }],
        legacyTokens: change(legacy(deployment), now()) as LegacyTokenOptions,
      });
    expect(await errorOf(make)).toMatchObject({ code: 'ERR_CONFIGURATION', option });
  });

  it('the date may be a Date, and one that has passed does not keep a service from starting', () => {
    const deployment = deploy();
    for (const until of [new Date(deployment.now() + day), 0, deployment.now() + 400 * day]) {
      expect(verifier(deployment, { until })).toBeDefined();
    }
  });
});
