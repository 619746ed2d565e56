import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, exchange } from './exchange.ts';
import { type Service, startService } from './service.ts';

let service: Service;
let sessionId: string;
const keys = generateKeyPair('RS256', { extractable: true });
const otherKeys = generateKeyPair('RS256');

beforeEach(async () => {
  service = await startService();
  sessionId = await service.login();
});
afterEach(() => service.close());

const logout = (headers: Record<string, string> = {}): Promise<Answer> =>
  service.browser.call(`${service.origin}/bff/logout`, { method: 'POST', headers });

describe('a logout', () => {
  it('ends the session, revokes the tokens, and returns logout_url', async () => {
    const { browser, bff, origin, provider } = service;
    const answer = await logout();
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([
      'session=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict',
      'session-ref=; Max-Age=0; Path=/bff; HttpOnly; SameSite=Lax',
    ]);
    const url = new URL(answer.json<{ logout_url: string }>().logout_url);
    expect(url.origin).toBe(provider.issuer);
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'bff',
      post_logout_redirect_uri: `${origin}/`,
    });
    await expect(bff.sessions.get(sessionId)).rejects.toMatchObject({ reason: 'logout' });
    expect(provider.revocations()).toBe(1);
    expect((await browser.go(url.href, origin)).url).toBe(`${origin}/`);
  });

  it('C6: works without a cookie, and twice', async () => {
    const { open, origin } = service;
    const answer = await open().call(`${origin}/bff/logout`, { method: 'POST' });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const cookie = await service.browser.jar.getCookieString(origin);
    for (let time = 0; time < 2; time++) expect((await logout({ cookie })).status).toBe(200);
  });

  it('is an error while the store is unavailable, and works afterwards', async () => {
    const cookie = await service.browser.jar.getCookieString(service.origin);
    service.breakStore((part) => part === 'sessions');
    const answer = await logout({ cookie });
    expect(answer.status).toBe(503);
    service.breakStore(null);
    expect((await logout({ cookie })).status).toBe(200);
    await expect(service.bff.sessions.get(sessionId)).rejects.toMatchObject({ reason: 'logout' });
  });

  it('during a refresh leaves nothing behind', async () => {
    const { bff, pass, provider } = service;
    pass(3_600_000);
    provider.trouble.push({ late: 400 });
    const token = bff.upstream.getUpstreamToken(sessionId);
    token.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 150));
    await bff.sessions.revoke(sessionId, { reason: 'logout' });
    await expect(token).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' });
    expect(provider.grants.get('refresh_token')).toBe(1);
    expect(provider.revocations()).toBe(1);
  });

  it('sends the ID token only if the application asks for it', async () => {
    await service.close();
    service = await startService({ options: { dangerouslySendIdTokenHint: true } });
    await service.login();
    const { logout_url: url } = (await logout()).json<{ logout_url: string }>();
    expect(new URL(url).searchParams.get('id_token_hint')?.split('.')).toHaveLength(3);
  });

  it('C7: calls the onLogout hook', async () => {
    await service.close();
    const received: unknown[] = [];
    service = await startService({
      options: {
        hooks: {
          onLogout: (notification) => {
            received.push(notification);
            throw new Error('no');
          },
        },
      },
    });
    sessionId = await service.login();
    expect((await logout()).status).toBe(200);
    expect(received).toEqual([{ sessionId, reason: 'logout' }]);
    expect(service.types()).toContain('hook.failed');
  });
});

describe('the back channel', () => {
  it('BL-03: ends the session when the user logs out at the provider', async () => {
    const { browser, bff, origin, provider } = service;
    await browser.go(`${provider.issuer}/session/end`, origin);
    await expect(bff.sessions.get(sessionId)).rejects.toMatchObject({
      reason: 'backchannel_logout',
    });
    expect((await browser.call(`${origin}/mine`)).status).toBe(401);
  });

  describe('with tokens that the test signs', () => {
    let sign: (claims?: object, header?: object, key?: CryptoKeyOf) => Promise<string>;

    beforeEach(async () => {
      await service.close();
      const { privateKey, publicKey } = await keys;
      const jwk = { ...(await exportJWK(publicKey)), kid: 'two', alg: 'RS256', use: 'sig' };
      // The provider's own keys and one that the test can sign with.
      service = await startService({
        options: {
          fetch: async (url, init) => {
            const response = await fetch(url, init);
            if (!url.endsWith('/jwks')) return response;
            const { keys: own } = (await response.json()) as { keys: object[] };
            return Response.json({ keys: [...own, jwk] });
          },
        },
      });
      sessionId = await service.login();
      const { issuer } = service.provider;
      sign = (claims = {}, header = {}, key = privateKey) =>
        new SignJWT({
          iss: issuer,
          aud: 'bff',
          sub: 'ann',
          jti: crypto.randomUUID(),
          iat: Math.floor(Date.now() / 1_000),
          events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
          ...claims,
        })
          .setProtectedHeader({ alg: 'RS256', kid: 'two', typ: 'logout+jwt', ...header })
          .sign(key);
    });

    const post = (body: string, type = 'application/x-www-form-urlencoded'): Promise<Answer> =>
      exchange(`${service.origin}/bff/backchannel-logout`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
    const send = (token: string): Promise<Answer> =>
      post(new URLSearchParams({ logout_token: token }).toString());
    const isLive = (id = sessionId): Promise<boolean> =>
      service.bff.sessions.get(id).then(
        () => true,
        () => false,
      );

    it('BL-04: a valid token ends all sessions of the user: 200, no-store', async () => {
      const other = await service.login(service.open());
      const stranger = await service.login(service.open('bob'));
      const answer = await send(await sign());
      expect(answer.status).toBe(200);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect([await isLive(), await isLive(other), await isLive(stranger)]).toEqual([
        false,
        false,
        true,
      ]);
    });

    it('BL-03: a token that names a session ends only that one, with and without a sub', async () => {
      const { data } = await service.bff.sessions.get(sessionId);
      const { sid } = data.upstream;
      const other = await service.login(service.open());
      expect((await send(await sign({ sid: 'unknown' }))).status).toBe(200);
      expect((await send(await sign({ sid: 'unknown', sub: undefined }))).status).toBe(200);
      expect((await send(await sign({ sid, sub: 'bob' }))).status).toBe(200);
      expect(await isLive()).toBe(true);
      service.breakStore((part, verb) => part === 'sessions' && verb === 'revoke');
      expect((await send(await sign({ sid, sub: undefined }))).status).toBe(503);
      service.breakStore(null);
      expect((await send(await sign({ sid, sub: undefined }))).status).toBe(200);
      expect([await isLive(), await isLive(other)]).toEqual([false, true]);
    });

    it('BL-03: a session that began after the logout stays, whatever the clock of the BFF says', async () => {
      service.pass(60_000);
      const { data } = await service.bff.sessions.get(sessionId);
      expect((await send(await sign({ iat: data.upstream.issuedAt - 1 }))).status).toBe(200);
      expect(await isLive()).toBe(true);
      expect((await send(await sign({ iat: data.upstream.issuedAt }))).status).toBe(200);
      expect(await isLive()).toBe(false);
    });

    it('BL-02: a replayed token is refused, and one that failed can be sent again', async () => {
      const token = await sign();
      service.breakStore((part, verb) => part === 'sessions' && verb === 'revoke');
      expect((await send(token)).status).toBe(503);
      expect(await isLive()).toBe(true);
      service.breakStore(null);
      expect((await send(token)).status).toBe(200);
      expect(await isLive()).toBe(false);
      expect((await send(token)).status).toBe(400);
    });

    it('BL-05: in any order of logouts, a refresh and a login, the logout is final', {
      timeout: 60_000,
    }, async () => {
      const { upstream, sessions } = service.bff;
      let lateLogins = 0;
      const race = async (scheduler: fc.Scheduler): Promise<void> => {
        const browser = service.open();
        const id = await service.login(browser);
        const { sid, issuedAt } = (await sessions.get(id)).data.upstream;
        const token = await upstream.getUpstreamToken(id);
        // The browser stays logged in at the provider, so the next login has the same sid.
        await browser.jar.setCookie('session=; Max-Age=0; Path=/', service.origin);
        const claims = { sid, sub: undefined };
        const tokens = await Promise.all(
          [1, 2, 3, 4].map(() => sign({ ...claims, iat: issuedAt })),
        );
        while (Date.now() < (issuedAt + 1) * 1_000) await pause(20);
        // Long enough for the others to arrive meanwhile.
        service.hold(() => scheduler.schedule(Promise.resolve()).then(() => pause(4)));
        const outcomes = Promise.allSettled([
          upstream.getUpstreamToken(id, { forceRefresh: token }),
          service.login(browser),
          ...tokens.map(send),
        ]);
        await scheduler.waitFor(outcomes);
        service.hold(null);
        const [refreshed, login, ...logouts] = await outcomes;
        expect(logouts).toMatchObject(tokens.map(() => ({ value: { status: 200 } })));
        await expect(sessions.get(id)).rejects.toMatchObject({ reason: 'backchannel_logout' });
        await expect(upstream.getUpstreamToken(id)).rejects.toMatchObject({
          code: 'ERR_SESSION_REVOKED',
        });
        // The refresh came before the logout, or revoked its new tokens.
        const refusal = refreshed?.status === 'rejected' ? codeOf(refreshed.reason) : null;
        expect([null, 'ERR_SESSION_REVOKED']).toContain(refusal);
        // The login came after the logout: its session stays, until its own logout.
        const later = (login as PromiseFulfilledResult<string>).value;
        expect(await isLive(later)).toBe(true);
        lateLogins += 1;
        expect((await send(await sign(claims))).status).toBe(200);
        expect(await isLive(later)).toBe(false);
      };
      await fc.assert(fc.asyncProperty(fc.scheduler(), race), { numRuns: 8, endOnFailure: true });
      expect(lateLogins).toBe(8);
    });

    it('finds the session after a node died between taking and restoring its sid entry', async () => {
      const { sid, issuedAt } = (await service.bff.sessions.get(sessionId)).data.upstream;
      const claims = { sid, sub: undefined };
      for (let time = 0; time < 2; time++) {
        // Taken, and never stored again.
        service.loseResponse('take');
        expect((await send(await sign(claims))).status).toBe(503);
        expect((await send(await sign({ ...claims, iat: issuedAt - 1 }))).status).toBe(200);
        expect(await isLive()).toBe(true);
      }
      // The first copy is stored again, and is enough.
      let takes = 0;
      service.breakStore((_, verb) => {
        takes += verb === 'take' ? 1 : 0;
        return takes > 1;
      });
      expect((await send(await sign(claims))).status).toBe(200);
      expect([takes, await isLive()]).toEqual([1, false]);
    });

    it('is 503 while the provider’s keys are unavailable', async () => {
      await service.close();
      let isAway = false;
      service = await startService({
        options: {
          fetch: async (url, init) => {
            if (isAway && url.endsWith('/jwks')) throw new TypeError('fetch failed');
            return fetch(url, init);
          },
        },
      });
      sessionId = await service.login();
      isAway = true;
      expect((await send(await sign({ iss: service.provider.issuer }))).status).toBe(503);
      expect(await isLive()).toBe(true);
    });

    const event = 'http://schemas.openid.net/event/backchannel-logout';
    it.each<[string, object, object?]>([
      ['another issuer', { iss: 'https://evil.example' }],
      ['another audience', { aud: 'somebody' }],
      ['no audience', { aud: undefined }],
      ['nobody in it', { sub: undefined }],
      ['no jti', { jti: undefined }],
      ['an empty jti', { jti: '' }],
      ['no iat', { iat: undefined }],
      ['an iat long ago', { iat: Math.floor(Date.now() / 1_000) - 600 }],
      ['an iat in the future', { iat: Math.floor(Date.now() / 1_000) + 600 }],
      ['an exp in the past', { exp: Math.floor(Date.now() / 1_000) - 60 }],
      ['a nonce', { nonce: 'n' }],
      ['no events', { events: undefined }],
      ['another event', { events: { other: {} } }],
      ['an invalid event', { events: { [event]: true } }],
      ['a list of events', { events: [event] }],
      ['an invalid sid', { sid: 7 }],
      ['the type of an ID token', {}, { typ: 'JWT' }],
      ['no type', {}, { typ: undefined }],
      ['an unknown key', {}, { kid: 'three' }],
    ])('BL-01: %s is refused', async (_, claims, header) => {
      const answer = await send(await sign(claims, header));
      expect(answer.status).toBe(400);
      expect(answer.json()).toEqual({
        error: 'invalid_request',
        message: 'the request is not valid',
      });
      expect(await isLive()).toBe(true);
      expect(service.types()).toContain('logout_token.refused');
    });

    it('BL-01: forged tokens are refused, in any form', async () => {
      const good = await sign();
      const [header, payload] = good.split('.');
      const none = Buffer.from('{"alg":"none","typ":"logout+jwt"}').toString('base64url');
      for (const token of [
        await sign({}, {}, (await otherKeys).privateKey),
        `${header}.${payload}.`,
        `${none}.${payload}.`,
        '',
        'x',
      ]) {
        expect((await send(token)).status).toBe(400);
      }
      expect((await post(`logout_token=${good}&logout_token=${good}`)).status).toBe(400);
      expect((await post(JSON.stringify({ logout_token: good }), 'application/json')).status).toBe(
        400,
      );
      expect((await post(`logout_token=${'x'.repeat(9_000)}`)).status).toBe(413);
      const query = `${service.origin}/bff/backchannel-logout?logout_token=${good}`;
      expect((await exchange(query)).status).toBe(404);
      expect(await isLive()).toBe(true);
      expect((await send(good)).status).toBe(200);
    });
  });
});

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

type CryptoKeyOf = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
