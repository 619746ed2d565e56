import { describe, expect, it } from 'vitest';
import { codeOf, day, deploy, hour, jwt, minute, second, secrets } from '../deployment.ts';
import { rootSecret } from '../roots.ts';

const rotateAfter = 10 * minute;

/** Returns the token of a cookie jar after a response. */
const jarAfter = (
  jar: string,
  { renewed }: { readonly renewed: { readonly refreshToken: string } | null },
): string => renewed?.refreshToken ?? jar;

describe.each([
  ['opaque', {}],
  ['HS256', jwt()],
])('resuming a session by its cookie, with %s access tokens', (_, format) => {
  const setUp = async (options = {}) => {
    const deployment = deploy();
    const sessions = deployment.node({ ...format, ...options });
    const login = await sessions.create({ userId: 'ann', claims: { role: 'reader' } });
    const { calls } = deployment.sessions;
    /** Returns the store verbs that a call uses. */
    const costOf = async (work: () => Promise<unknown>): Promise<string[]> => {
      const before = calls.length;
      await work();
      return calls.slice(before).map((call) => String(call));
    };
    return { ...deployment, sessions, login, token: login.refreshToken, costOf };
  };

  it('returns the user as long as the session lives, and rotates every ten minutes', async () => {
    const { sessions, token, pass, events } = await setUp();
    let jar = token;
    for (let i = 0; i < 6 * 24; i++) {
      const resumed = await sessions.resume(jar);
      expect(resumed.auth).toMatchObject({ userId: 'ann', claims: { role: 'reader' } });
      expect(resumed.renewed === null).toBe(i === 0);
      jar = jarAfter(jar, resumed);
      pass(rotateAfter);
    }
    expect(events.filter(({ type }) => type === 'session.rotated')).toHaveLength(6 * 24 - 1);
  });

  it('takes one store trip, and two if it rotates', async () => {
    const { sessions, token, pass, costOf } = await setUp();
    expect(await costOf(() => sessions.resume(token))).toHaveLength(1);
    pass(rotateAfter);
    expect(await costOf(() => sessions.resume(token, { canRenew: false }))).toHaveLength(1);
    expect(await costOf(() => sessions.resume(token))).toHaveLength(2);
  });

  it('refuses a token that it has checked before, from its expiry on, without a store call', async () => {
    const { sessions, token, login, now, pass, costOf } = await setUp();
    await sessions.resume(token);
    pass(login.refreshTokenExpiresAt - now());
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await costOf(() => codeOf(sessions.resume(token)))).toEqual([]);
      expect(await codeOf(sessions.resume(token))).toBe('ERR_TOKEN_EXPIRED');
    }
  });

  it('keeps nothing of a token that was refused', async () => {
    const { sessions, token, costOf } = await setUp();
    await sessions.resume(token);
    const altered = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    for (const other of [altered, altered, `${token} `, token.slice(0, -1), '', 'x'.repeat(300)]) {
      expect(await costOf(() => codeOf(sessions.resume(other)))).toEqual([]);
      expect(await codeOf(sessions.resume(other))).toBe('ERR_TOKEN_INVALID');
    }
  });

  it('returns one successor to twenty parallel requests', async () => {
    const { sessions, token, pass, events } = await setUp();
    pass(rotateAfter);
    const resumed = await Promise.all(Array.from({ length: 20 }, () => sessions.resume(token)));
    expect(events.filter(({ type }) => type === 'session.rotated')).toHaveLength(1);
    const successors = resumed.flatMap(({ renewed }) => (renewed ? [renewed.refreshToken] : []));
    expect(successors.length).toBeGreaterThan(0);
    expect(new Set(successors).size).toBe(1);
    const after = await Promise.all(Array.from({ length: 20 }, () => sessions.resume(token)));
    expect(after.every(({ renewed }) => renewed?.refreshToken === successors[0])).toBe(true);
  });

  it('returns the successor again until it is used, and not after that', async () => {
    const { sessions, token, pass, costOf } = await setUp();
    pass(rotateAfter);
    const { renewed } = await sessions.resume(token);
    pass(5 * second);
    let again: unknown;
    const cost = await costOf(async () => {
      again = (await sessions.resume(token)).renewed;
    });
    expect(again).toMatchObject({ refreshToken: renewed?.refreshToken, outcome: 'replayed' });
    expect(cost).toHaveLength(1);
    await sessions.resume(renewed?.refreshToken ?? '');
    expect((await sessions.resume(token)).renewed).toBeNull();
  });

  it('returns a lost cookie however late, and ends the session after too many in a row', async () => {
    const { sessions, token, pass, types } = await setUp();
    let jar = token;
    for (let run = 1; run < 4; run++) {
      pass(rotateAfter);
      await sessions.resume(jar);
      pass(hour);
      const late = await sessions.resume(jar);
      expect(late.renewed?.outcome).toBe('replayed');
      jar = jarAfter(jar, late);
    }
    pass(rotateAfter);
    await sessions.resume(jar);
    pass(hour);
    types();
    expect(await codeOf(sessions.resume(jar))).toBe('ERR_REUSE_DETECTED');
    expect(types()).toStrictEqual(['reuse.detected', 'session.revoked']);
  });

  it('tells a late request to retry with the newer cookie, then detects a reuse', async () => {
    const { sessions, token, pass, types } = await setUp();
    pass(rotateAfter);
    const { renewed } = await sessions.resume(token);
    await sessions.resume(renewed?.refreshToken ?? '');
    pass(11 * second);
    expect(await codeOf(sessions.resume(token))).toBe('ERR_REFRESH_RETRY');
    pass(2 * minute);
    types();
    expect(await codeOf(sessions.resume(token))).toBe('ERR_REUSE_DETECTED');
    expect(types()).toStrictEqual(['reuse.detected', 'session.revoked']);
    expect(await codeOf(sessions.resume(renewed?.refreshToken ?? ''))).toBe('ERR_SESSION_REVOKED');
  });

  it('ends the session when a copy that fell behind is presented', async () => {
    const { sessions, token, pass, events } = await setUp();
    let jar = token;
    for (let i = 0; i < 3; i++) {
      pass(rotateAfter);
      jar = jarAfter(jar, await sessions.resume(jar));
      await sessions.resume(jar);
    }
    expect(await codeOf(sessions.resume(token))).toBe('ERR_REUSE_DETECTED');
    expect(await codeOf(sessions.resume(jar))).toBe('ERR_SESSION_REVOKED');
    expect(events.some(({ type }) => type === 'reuse.detected')).toBe(true);
  });

  it('refuses the cookie from before a step-up, without an alarm', async () => {
    const { sessions, login, token, pass, types } = await setUp();
    const elevated = await sessions.elevate(login.sessionId);
    expect(await codeOf(sessions.resume(token))).toBe('ERR_REFRESH_RETRY');
    pass(minute);
    types();
    expect(await codeOf(sessions.resume(token))).toBe('ERR_TOKEN_INVALID');
    expect(types()).toStrictEqual(['token.refused']);
    expect((await sessions.resume(elevated.refreshToken)).auth.userId).toBe('ann');
  });

  it('JW-05: refuses access tokens and foreign, forged or expired tokens without a store call', async () => {
    const { sessions, login, token, pass, costOf } = await setUp();
    const foreign = deploy().node({ ...format, secrets: [rootSecret('foreign')] });
    const other = await foreign.create({ userId: 'ann' });
    const forged = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    const cost = await costOf(async () => {
      for (const bad of [login.accessToken, other.refreshToken, forged, '', undefined as never]) {
        expect(await codeOf(sessions.resume(bad))).toBe('ERR_TOKEN_INVALID');
      }
      pass(31 * day);
      expect(await codeOf(sessions.resume(token))).toBe('ERR_TOKEN_EXPIRED');
    });
    expect(cost).toStrictEqual([]);
  });

  it('accepts an access token only with acceptAccessToken, and never renews it', async () => {
    const { sessions, login, token, pass, costOf, types } = await setUp();
    const accept = { acceptAccessToken: true };
    expect(await codeOf(sessions.resume(login.accessToken))).toBe('ERR_TOKEN_INVALID');
    types();
    expect(await costOf(() => sessions.resume(login.accessToken, accept))).toHaveLength(1);
    const resumed = await sessions.resume(login.accessToken, accept);
    expect(resumed).toMatchObject({ auth: { userId: 'ann', session: {} }, renewed: null });
    expect(types()).toStrictEqual([]);
    // A session token is resumed as ever.
    pass(rotateAfter);
    expect((await sessions.resume(token, accept)).renewed?.outcome).toBe('rotated');
    expect(await codeOf(sessions.resume('x', accept))).toBe('ERR_TOKEN_INVALID');
    expect(await codeOf(sessions.resume(undefined as never, accept))).toBe('ERR_TOKEN_INVALID');
  });

  it('refuses an access token whose session was stepped up or has ended', async () => {
    const { sessions, login } = await setUp({ accessTokenLifetime: 20 * minute });
    const accept = { acceptAccessToken: true };
    const { accessToken } = await sessions.elevate(login.sessionId);
    expect(await codeOf(sessions.resume(login.accessToken, accept))).toBe('ERR_TOKEN_INVALID');
    expect((await sessions.resume(accessToken, accept)).auth.userId).toBe('ann');
    await sessions.revoke(login.sessionId);
    expect(await codeOf(sessions.resume(accessToken, accept))).toBe('ERR_SESSION_REVOKED');
  });

  it('is refused after the session has ended, and the event says why', async () => {
    const { sessions, login, token, events } = await setUp();
    await sessions.revoke(login.sessionId, { reason: 'logout' });
    expect(await codeOf(sessions.resume(token))).toBe('ERR_SESSION_REVOKED');
    expect(events.at(-1)).toMatchObject({ type: 'session.refused', cause: 'logout' });
  });

  it('uses a cached record if maxStaleness allows it', async () => {
    const { sessions, token, pass, costOf } = await setUp({ maxStaleness: minute });
    expect(await costOf(() => sessions.resume(token))).toHaveLength(1);
    expect(await costOf(() => sessions.resume(token))).toHaveLength(0);
    pass(rotateAfter);
    expect(await costOf(() => sessions.resume(token))).toHaveLength(2);
  });

  it('calls authorizeRefresh before it rotates', async () => {
    let refuses = false;
    const { sessions, token, pass } = await setUp({
      authorizeRefresh: () => {
        if (refuses) throw new Error('the account is closed');
      },
    });
    pass(rotateAfter);
    refuses = true;
    await expect(sessions.resume(token)).rejects.toThrow('the account is closed');
    refuses = false;
    expect((await sessions.resume(token)).renewed).not.toBeNull();
  });
});

it('a session that is bound to a key is renewed only with a proof of that key', async () => {
  const jkt = 'k'.repeat(43);
  const { node, pass } = deploy();
  const sessions = node({ secrets });
  const { refreshToken } = await sessions.create({ userId: 'ann', jkt });
  pass(rotateAfter);
  expect((await sessions.resume(refreshToken)).renewed).toBeNull();
  expect(await codeOf(sessions.resume(refreshToken, { proof: { jkt: 'x'.repeat(43) } }))).toBe(
    'ERR_REFRESH_REFUSED',
  );
  expect((await sessions.resume(refreshToken, { proof: { jkt } })).renewed).not.toBeNull();
});
