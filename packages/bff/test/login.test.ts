import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchange } from './exchange.ts';
import { type Service, startService } from './service.ts';

let service: Service;

describe.each([
  ['bearer tokens', {}],
  ['DPoP', { dpop: true, requireNonce: true }],
])('a login with %s', (_, settings) => {
  beforeAll(async () => {
    service = await startService(settings);
  });
  afterAll(() => service.close());

  it('redirects to the provider, back, and to returnTo', async () => {
    const { browser, origin, provider } = service;
    const visit = await browser.go(`${origin}/bff/login?returnTo=/deep%3Fx=1`);
    expect(visit).toMatchObject({ url: `${origin}/deep?x=1`, text: 'a page in the deep' });
    const authorize = new URL(visit.path[1] as string);
    expect(authorize.origin).toBe(provider.issuer);
    expect(Object.fromEntries(authorize.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${origin}/bff/callback`,
      scope: 'openid offline_access',
    });
    expect(authorize.searchParams.get('nonce')).toBeTruthy();
    expect((await browser.call(`${origin}/bff/session`)).json()).toMatchObject({
      authenticated: true,
      user_id: 'ann',
      upstream_expires_at: expect.stringContaining('T') as string,
    });
    expect((await browser.call(`${origin}/mine`)).json()).toEqual({
      user: 'ann',
      claims: {},
      app: {},
    });
  });

  it('C3, BFF-03: sets one cookie, SameSite=Strict and HttpOnly', async () => {
    const { open, origin } = service;
    const browser = open();
    await browser.go(`${origin}/bff/login`);
    const cookies = await browser.jar.getCookies(origin);
    expect(cookies).toHaveLength(1);
    expect(cookies[0]).toMatchObject({
      key: 'session',
      path: '/',
      httpOnly: true,
      sameSite: 'strict',
      hostOnly: true,
    });
  });

  it.each([
    [false, '__Host-session'],
    [true, '__Host-Http-session'],
  ])('BFF-03: names it with the configured prefix (httpPrefix: %s)', (httpPrefix, name) => {
    const { http } = service.node({ origin: 'https://app.example', httpPrefix });
    const { components } = http.openapi({ title: 'a', version: '1' });
    expect(components).toMatchObject({ securitySchemes: { session_cookie: { name } } });
  });

  it('C18, BFF-11: replaces the previous session of the browser', async () => {
    const { open, bff, login } = service;
    const browser = open();
    const first = await login(browser);
    const second = await login(browser);
    expect(second).not.toBe(first);
    await expect(bff.sessions.get(first)).rejects.toMatchObject({ reason: 'replaced' });
    await bff.sessions.get(second);
  });

  it('C2: stores no readable token', async () => {
    const { login, bff, provider } = service;
    const { data } = await bff.sessions.get(await login());
    for (const token of provider.secrets) expect(JSON.stringify(data)).not.toContain(token);
    expect(data.upstream).toMatchObject({ tokenGeneration: 0, renewable: true });
  });
});

describe('a login', () => {
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  /** Returns the URL of the callback, which is not visited yet. */
  const untilCallback = async (browser = service.browser): Promise<string> => {
    const { origin } = service;
    const begun = await browser.visit(`${origin}/bff/login?returnTo=/deep`);
    return browser.goUntil(begun.headers.get('location') as string, `${origin}/bff/callback`);
  };

  it('finishes once, with a redirect that repeats no body (BFF-14)', async () => {
    const { browser, origin } = service;
    const url = await untilCallback();
    const done = await browser.visit(url, 'cross-site');
    expect(done.status).toBe(303);
    expect(done.headers.get('location')).toBe(`${origin}/deep`);
    expect(done.headers.get('referrer-policy')).toBe('no-referrer');
    expect(done.headers.get('cache-control')).toBe('no-store');
    // A reload leads back to where the login began, and starts nothing.
    const again = await browser.visit(url, 'cross-site');
    expect([again.status, again.headers.get('location')]).toEqual([303, `${origin}/deep`]);
    expect(again.headers.getSetCookie()).toEqual([]);
  });

  it('BFF-10: cannot be finished in another browser, and then still in its own', async () => {
    const { open, browser, origin } = service;
    const url = await untilCallback();
    const other = open();
    const failed = `${origin}/?error=login_failed`;
    for (const stranger of [open(), other]) {
      const answer = await stranger.visit(url, 'cross-site');
      expect([answer.status, answer.headers.get('location')]).toEqual([303, failed]);
      expect(answer.headers.getSetCookie()).toEqual([]);
      await untilCallback(other);
    }
    const done = await browser.visit(url, 'cross-site');
    expect(done.headers.get('location')).toBe(`${origin}/deep`);
  });

  it('BFF-10: cannot be finished at another provider, and then still at its own', async () => {
    const { browser, node, provider, origin } = service;
    const url = new URL(await untilCallback());
    const elsewhere = node({ issuer: provider.issuer.replace('127.0.0.1', 'localhost') });
    const cookie = await browser.jar.getCookieString(origin);
    const request = {
      method: 'GET',
      path: url.pathname,
      query: url.search.slice(1),
      remoteAddress: undefined,
      header: (name: string) => (name === 'cookie' ? cookie : undefined),
      body: async () => new Uint8Array(),
    };
    const callback = elsewhere.http.routes.find(({ name }) => name === 'callback');
    expect(await callback?.handle(request, {})).toMatchObject({
      status: 303,
      headers: { location: `${origin}/?error=login_failed` },
      cookies: [],
    });
    const done = await browser.visit(url.href, 'cross-site');
    expect(done.headers.get('location')).toBe(`${origin}/deep`);
  });

  it.each([
    ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://evil.example')],
    ['no issuer where there should be one', (url: URL) => url.searchParams.delete('iss')],
    ['another code', (url: URL) => url.searchParams.set('code', 'guessed')],
    ['no code', (url: URL) => url.searchParams.delete('code')],
    ['two codes', (url: URL) => url.searchParams.append('code', 'another')],
    ['no state', (url: URL) => url.searchParams.delete('state')],
    ['two states', (url: URL) => url.searchParams.append('state', 'x')],
    ['another state', (url: URL) => url.searchParams.set('state', 'pawl_su_x')],
    [
      'a refusal',
      (url: URL) => {
        url.searchParams.delete('code');
        url.searchParams.set('error', 'access_denied');
      },
    ],
  ])('with %s fails, and no tokens are kept', async (_, change) => {
    const { open, types } = service;
    const browser = open();
    const url = new URL(await untilCallback(browser));
    change(url);
    const answer = await browser.visit(url.href, 'cross-site');
    expect(answer.status).toBe(303);
    expect(answer.headers.get('location')).toBe(`${service.origin}/?error=login_failed`);
    expect(types()).toContain('login.failed');
    expect((await browser.call(`${service.origin}/bff/session`)).json()).toEqual({
      authenticated: false,
    });
  });

  it.each(['/bff/login', '/bff/callback?state=x&code=y'])(
    'BFF-08: %s is a place to go to, not to fetch',
    async (path) => {
      const { origin } = service;
      for (const headers of [
        { 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' },
        { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
        { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      ]) {
        const answer = await exchange(`${origin}${path}`, { headers });
        expect(answer.status).toBe(403);
        expect(answer.headers.getSetCookie()).toEqual([]);
      }
    },
  );

  it('does not redirect to another origin', async () => {
    const { browser, origin } = service;
    for (const to of ['//evil.example', 'https://evil.example', '/\\evil.example', 'deep', '']) {
      const answer = await browser.visit(`${origin}/bff/login?returnTo=${encodeURIComponent(to)}`);
      expect(answer.status).toBe(400);
    }
    expect((await browser.visit(`${origin}/bff/login?returnTo=/&returnTo=/a`)).status).toBe(400);
  });
});
