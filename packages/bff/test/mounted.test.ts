import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createMemoryStore } from '@pawl/memory';
import { afterEach, expect, test } from 'vitest';
import { type Bff, createBff } from '../src/bff.ts';
import { type ApiProxy, createProxy } from '../src/proxy.ts';
import { openBrowser } from './browser.ts';
import { frameworks } from './frameworks/index.ts';
import { startProvider } from './provider.ts';
import { clientSecret, secret } from './service.ts';

type AnyBff = Bff<Record<string, unknown>, Record<string, unknown>>;

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const listen = async (
  listener?: RequestListener,
): Promise<{ port: number; on: (l: RequestListener) => void }> => {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return {
    port: (server.address() as AddressInfo).port,
    on: (later) => server.on('request', later),
  };
};

test.each(Object.entries(frameworks))(
  'in %s: a login, the API over an expiry, and the back channel',
  {
    timeout: 30_000,
  },
  async (_, mount) => {
    const asked: (string | undefined)[] = [];
    const seen: string[] = [];
    const api = await listen((request, response) => {
      asked.push(request.headers.authorization);
      seen.push(...request.rawHeaders);
      response.setHeader('cache-control', 'public, max-age=600');
      response.end('orders');
    });
    const { port, on } = await listen();
    const origin = `http://localhost:${port}`;
    const provider = await startProvider({ origin });
    closers.push(() => provider.close());
    let ahead = 0;
    const clock = (): number => Date.now() + ahead;
    const store = createMemoryStore({ clock });
    const types: string[] = [];
    const bff: AnyBff = createBff({
      issuer: provider.issuer,
      clientId: 'bff',
      clientSecret,
      origin,
      store,
      secrets: [secret],
      authorizationParameters: { prompt: 'consent' },
      clock,
      onEvent: ({ type }) => types.push(type),
    });
    const proxy: ApiProxy = createProxy({
      guard: bff.http.guard(),
      tokens: bff.upstream,
      sessions: bff.sessions,
      feed: store.sessions,
      routes: [{ path: '/api', methods: ['GET'], target: `http://127.0.0.1:${api.port}` }],
    });
    closers.push(() => bff.close());
    closers.push(() => proxy.close());
    // A middleware that ran before must neither lose Pawl's cookies nor make a login public.
    const application = await mount(bff, true);
    closers.push(() => application.close());
    on((request, response) => {
      void proxy.handle(request, response).then((taken) => {
        if (!taken) application.listener(request, response);
      });
    });

    const browser = openBrowser(origin);
    expect((await browser.call(`${origin}/api/orders`)).status).toBe(401);
    const visit = await browser.go(`${origin}/bff/login`);
    expect([visit.status, visit.text]).toEqual([200, 'a page']);
    const begun = await openBrowser(origin).visit(`${origin}/bff/login`, 'same-origin');
    expect([begun.status, begun.headers.get('cache-control')]).toEqual([303, 'no-store']);
    expect(begun.headers.getSetCookie().length).toBeGreaterThan(1);
    for (const { headers } of [begun, await browser.call(`${origin}/bff/session`)]) {
      expect(headers.getSetCookie()).toContain('lang=en; Path=/');
      expect(headers.get('vary')).toContain('Accept-Encoding');
      expect(headers.get('x-middleware')).toBe('on');
    }
    const call = () => browser.call(`${origin}/api/orders`);
    expect((await call()).text).toBe('orders');
    ahead = 3_600_000;
    const answers = await Promise.all(Array.from({ length: 20 }, call));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(provider.grants.get('refresh_token')).toBe(1);
    expect(new Set(asked).size).toBe(2);
    // The session cookie was due as well: one rotation, and one new cookie.
    expect(types.filter((type) => type === 'session.rotated')).toHaveLength(1);
    const rotated = answers.filter(({ headers }) => headers.getSetCookie().length > 0);
    expect(rotated.length).toBeGreaterThan(0);
    expect(
      new Set(rotated.map(({ headers }) => headers.get('set-cookie')?.split(';')[0])).size,
    ).toBe(1);
    for (const { headers } of rotated) expect(headers.get('cache-control')).toBe('no-store');
    expect((await call()).headers.get('cache-control')).toBe('public, max-age=600');
    expect(seen.join('\n')).not.toContain('pawl_');
    for (const token of asked) expect(provider.secrets).toContain(token?.replace('Bearer ', ''));

    ahead = 0;
    await browser.go(`${provider.issuer}/session/end`, origin);
    expect((await call()).status).toBe(401);
    expect((await browser.call(`${origin}/bff/session`)).json()).toEqual({ authenticated: false });
    for (const token of provider.secrets) expect(browser.seen.join('\n')).not.toContain(token);
  },
);
