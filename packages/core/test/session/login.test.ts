import { describe, expect, it } from 'vitest';
import { codeOf, day, deploy, errorOf, jwt, minute } from '../deployment.ts';

const token = /^pawl_(rt|at)_[\w-]{104}$/;

describe('a login', () => {
  it('begins a session and returns both tokens with their expiries', async () => {
    const { node, now, types } = deploy();
    const tokens = await node().create({ userId: 'ann' });
    expect(tokens).toMatchObject({ userId: 'ann', outcome: 'created' });
    expect(tokens.sessionId).toMatch(/^[\w-]{24}$/);
    expect(tokens.refreshToken).toMatch(token);
    expect(tokens.accessToken).toMatch(token);
    const seconds = Math.floor(now() / 1_000) * 1_000;
    expect(tokens.refreshTokenExpiresAt).toBe(seconds + 30 * day);
    expect(tokens.accessTokenExpiresAt).toBeGreaterThan(seconds + 9 * minute - 1_000);
    expect(tokens.accessTokenExpiresAt).toBeLessThanOrEqual(seconds + 10 * minute);
    expect(types()).toStrictEqual(['session.created']);
  });

  it('RT-08: makes 256 random bits, each unbiased and independent of the previous secret', async () => {
    const sessions = deploy().node();
    const rounds = 2_000;
    const secrets: Buffer[] = [];
    for (let i = 0; i < rounds; i++) {
      const { refreshToken } = await sessions.create({ userId: 'ann' });
      secrets.push(
        Buffer.from(refreshToken.slice('pawl_rt_'.length), 'base64url').subarray(30, 62),
      );
    }
    expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(rounds);
    const bit = (secret: Buffer, i: number): number => ((secret[i >> 3] as number) >> (i & 7)) & 1;
    // Six standard deviations: about one run in a million has a bit beyond them.
    const limit = 6 * Math.sqrt(rounds / 4);
    for (let i = 0; i < 256; i++) {
      const ones = secrets.filter((secret) => bit(secret, i) === 1).length;
      const changes = secrets.filter(
        (secret, n) => n > 0 && bit(secret, i) !== bit(secrets[n - 1] as Buffer, i),
      ).length;
      expect(Math.abs(ones - rounds / 2)).toBeLessThan(limit);
      expect(Math.abs(changes - rounds / 2)).toBeLessThan(limit);
    }
  });

  it('A2: keeps user, device and authentication, and the id survives rotation', async () => {
    const { node, now, pass } = deploy();
    const sessions = node();
    const createdAt = now();
    const { sessionId, refreshToken } = await sessions.create({
      userId: 'ann',
      device: { id: 'phone', userAgent: 'Browser/1', ip: '2001:db8::1', label: 'Pocket' },
      acr: '1',
      amr: ['pwd', 'otp'],
      clientId: 'app',
      scope: 'read',
      actor: 'support',
      organizationId: 'org',
      claims: { role: 'reader' },
      data: { theme: 'dark' },
    });
    pass(hourLater);
    const next = await sessions.refresh(refreshToken);
    expect(next.sessionId).toBe(sessionId);
    expect(await sessions.get(sessionId)).toEqual({
      sessionId,
      userId: 'ann',
      createdAt,
      lastActiveAt: createdAt + hourLater,
      expiresAt: createdAt + hourLater + 14 * day,
      absoluteExpiresAt: Math.floor(createdAt / 1_000) * 1_000 + 30 * day,
      authTime: Math.floor(createdAt / 1_000) * 1_000,
      device: { id: 'phone', userAgent: 'Browser/1', ip: '2001:db8::1', label: 'Pocket' },
      acr: '1',
      amr: ['pwd', 'otp'],
      clientId: 'app',
      scope: 'read',
      actor: 'support',
      organizationId: 'org',
      claims: { role: 'reader' },
      data: { theme: 'dark' },
    });
  });

  it('SE-03, BFF-11: never reuses an id or a token', async () => {
    const sessions = deploy().node();
    const all = await Promise.all(
      Array.from({ length: 200 }, () => sessions.create({ userId: 'ann' })),
    );
    const texts = all.flatMap((one) => [one.sessionId, one.refreshToken, one.accessToken]);
    expect(new Set(texts).size).toBe(600);
  });

  it('SE-01: ignores an id that the caller sends', async () => {
    const sessions = deploy().node();
    const sessionId = 'AAAAAAAAAAAAAAAAAAAAAAAA';
    const tokens = await sessions.create({ userId: 'ann', sessionId } as never);
    expect(tokens.sessionId).not.toBe(sessionId);
    expect(await codeOf(sessions.get(sessionId))).toBe('ERR_SESSION_NOT_FOUND');
  });

  it('A20: returns no token if the session could not be stored', async () => {
    const { node, sessions, types } = deploy();
    sessions.fail('create', 'before', 'after');
    const error = await errorOf(node().create({ userId: 'ann' }));
    expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
    expect(error.cause).toMatchObject({ message: 'ECONNRESET while create' });
    expect(await codeOf(node().create({ userId: 'ann' }))).toBe('ERR_STORE_UNAVAILABLE');
    expect(types()).toStrictEqual([]);
  });

  it('A20: leaves no session if the access token could not be signed', async () => {
    const { node, sessions, types } = deploy();
    const failure = new Error('the signer is away');
    const broken = node({
      accessToken: () => ({
        opaque: false,
        issue: () => Promise.reject(failure),
        hashFor: () => null,
        read: () => Promise.reject(failure),
        readIgnoringTime: () => Promise.reject(failure),
        jwks: () => Promise.reject(failure),
      }),
    });
    expect(await errorOf(broken.create({ userId: 'ann' }))).toBe(failure);
    expect(sessions.calls).toStrictEqual([]);
    expect(await node().list('ann')).toStrictEqual([]);
    expect(types()).toStrictEqual([]);
  });

  it('may have a shorter lifetime than configured, never a longer one', async () => {
    const { node, now } = deploy();
    const sessions = node();
    const times = { idleTimeout: 20 * minute, absoluteTimeout: 30 * minute };
    const { sessionId, refreshTokenExpiresAt } = await sessions.create({ userId: 'ann', ...times });
    expect(refreshTokenExpiresAt).toBe(Math.floor((now() + 30 * minute) / 1_000) * 1_000);
    expect((await sessions.get(sessionId)).expiresAt).toBe(now() + 20 * minute);
    for (const [option, ms] of [
      ['idleTimeout', 14 * day + 1],
      ['idleTimeout', 10 * minute],
      ['absoluteTimeout', 30 * day + 1],
      ['absoluteTimeout', 0],
      ['absoluteTimeout', Number.NaN],
    ] as const) {
      const error = await errorOf(sessions.create({ userId: 'ann', [option]: ms }));
      expect(error).toMatchObject({ code: 'ERR_INPUT_INVALID', argument: option });
    }
  });

  it('returns an access token that lives as long as its session, if configured', async () => {
    const { node, pass } = deploy();
    const sessions = node({ accessTokenLifetime: Infinity });
    const idle = { idleTimeout: 2 * hourLater };
    const login = await sessions.create({ userId: 'ann', absoluteTimeout: 3 * hourLater, ...idle });
    expect(login.accessTokenExpiresAt).toBe(login.refreshTokenExpiresAt);
    pass(hourLater);
    await sessions.verify(login.accessToken);
    pass(2 * hourLater);
    expect(await codeOf(sessions.verify(login.accessToken))).toBe('ERR_TOKEN_EXPIRED');

    const idler = await sessions.create({ userId: 'ann', ...idle });
    pass(2 * hourLater);
    expect(await codeOf(sessions.verify(idler.accessToken))).toBe('ERR_SESSION_EXPIRED');
    const left = await sessions.create({ userId: 'ann' });
    await sessions.revoke(left.sessionId);
    expect(await codeOf(sessions.verify(left.accessToken))).toBe('ERR_SESSION_REVOKED');
  });

  it('calls the data function with the id of the new session', async () => {
    const { node } = deploy();
    const sessions = node();
    const login = await sessions.create({
      userId: 'ann',
      data: async (sessionId) => ({ boundTo: sessionId }),
    });
    expect(await sessions.get(login.sessionId)).toMatchObject({
      data: { boundTo: login.sessionId },
    });
    const refused = sessions.create({
      userId: 'ann',
      data: () => {
        throw new TypeError('no');
      },
    });
    await expect(refused).rejects.toThrow(TypeError);
    expect(await sessions.list('ann')).toHaveLength(1);
    const odd = sessions.create({ userId: 'ann', data: () => [] as never });
    expect(await errorOf(odd)).toMatchObject({ argument: 'data' });
  });

  it('treats undefined as not given', async () => {
    const { node, now } = deploy();
    for (const format of [{}, jwt()]) {
      const sessions = node(format);
      const { sessionId, accessToken } = await sessions.create({
        userId: 'ann',
        device: undefined,
        authTime: undefined,
        acr: undefined,
        amr: undefined,
        claims: undefined,
        data: undefined,
        idleTimeout: undefined,
      } as never);
      const { authTime } = await sessions.get(sessionId);
      expect(authTime).toBe(Math.floor(now() / 1_000) * 1_000);
      expect(await sessions.verify(accessToken)).toMatchObject({ authTime, acr: null });
    }
  });
});

const hourLater = 3_600_000;
