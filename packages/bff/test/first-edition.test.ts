import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBffSettings } from '../src/create-settings.ts';
import { sealTokenSet } from '../src/sealing/token-set.ts';
import type { BffSettings } from '../src/settings.ts';
import { createTokenSetReader } from '../src/upstream/token-set-reader.ts';
import { type Answer, exchange, type Sent } from './exchange.ts';
import {
  type Claims,
  clientSecret,
  type Data,
  type Service,
  secret,
  startService,
} from './service.ts';

const day = 86_400_000;

let service: Service;
let settings: BffSettings<Claims, Data>;
/** A session of the first edition, whose cookie is an access token that lives as long as it. */
let first: { readonly sessionId: string; readonly cookie: string };

beforeEach(async () => {
  service = await startService();
  const { provider, origin, store } = service;
  settings = createBffSettings<Claims, Data>({
    issuer: provider.issuer,
    clientId: 'bff',
    clientSecret,
    origin,
    store,
    secrets: [secret],
  });
  const { tokenSet, upstream } = await createTokenSetReader(settings).read(await service.login());
  const { accessToken, sessionId } = await settings.sessions.create({
    userId: 'ann',
    data: async (id) => ({
      app: {},
      upstream: { ...upstream, ...(await sealTokenSet(settings.sealer, id, tokenSet)) },
    }),
  });
  first = { sessionId, cookie: `session=${accessToken}` };
});
afterEach(() => service.close());

/** A request of the page with a cookie of the test's choice. */
const send = (cookie: string, path: string, sent: Sent = {}): Promise<Answer> => {
  const { origin } = service;
  const headers = { cookie, 'x-bff': '1', 'sec-fetch-site': 'same-origin', origin };
  return exchange(`${origin}${path}`, { ...sent, headers: { ...headers, ...sent.headers } });
};

describe('a session cookie of the first edition', () => {
  it.each<[string, string]>([
    ['GET', '/bff/session'],
    ['POST', '/bff/refresh'],
    ['GET', '/bff/sessions'],
    ['GET', '/mine'],
  ])('works for %s %s until its session ends, and stays as it is', async (method, path) => {
    for (let time = 0; time < 13; time++) {
      service.pass(day);
      const answers = await Promise.all([1, 2].map(() => send(first.cookie, path, { method })));
      for (const answer of answers) {
        expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []]);
      }
    }
    expect((await send(first.cookie, '/bff/session')).json()).toMatchObject({
      user_id: 'ann',
      session: { id: first.sessionId },
    });
    // An upgrade must not look like an attack.
    expect(service.types()).not.toContain('token.refused');
    service.pass(31 * day);
    expect((await send(first.cookie, '/mine')).status).toBe(401);
    const over = await send(first.cookie, '/bff/session');
    expect(over.json()).toEqual({ authenticated: false });
    expect(over.headers.getSetCookie()).toEqual([expect.stringMatching(/^session=; Max-Age=0/)]);
  });

  it('needs the header and the origin, as ever', async () => {
    const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    for (const headers of [{ 'x-bff': '0' }, evil]) {
      expect((await send(first.cookie, '/bff/session', { headers })).status).toBe(403);
    }
  });

  it('a logout ends its session and revokes its tokens', async () => {
    const answer = await send(first.cookie, '/bff/logout', { method: 'POST' });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^session=; Max-Age=0/)]);
    const { sessionId } = first;
    await expect(settings.sessions.get(sessionId)).rejects.toMatchObject({ reason: 'logout' });
    expect(service.provider.revocations()).toBe(1);
  });

  it('a login replaces its session by one with the new cookie', async () => {
    const { browser, origin } = service;
    await browser.jar.setCookie(`${first.cookie}; Path=/; HttpOnly; SameSite=Strict`, origin);
    await service.login();
    expect(await browser.jar.getCookieString(origin)).toMatch(/session=pawl_rt_/);
    await expect(settings.sessions.get(first.sessionId)).rejects.toMatchObject({
      reason: 'replaced',
    });
  });

  it('a step-up moves its session to the new cookie, and a late request clears nothing', async () => {
    const { origin, bff, pass } = service;
    const headers: Record<string, string> = { cookie: first.cookie, origin, 'x-bff': '1' };
    const elevated = await bff.http.elevate(
      {
        method: 'POST',
        path: '/second-factor',
        query: '',
        remoteAddress: undefined,
        header: (name) => headers[name],
        body: async () => new Uint8Array(),
      },
      first.sessionId,
    );
    const moved = elevated.cookies[0]?.split(';')[0] ?? '';
    expect(moved).toMatch(/^session=pawl_rt_/);
    for (const path of ['/bff/session', '/mine']) {
      expect((await send(first.cookie, path)).headers.getSetCookie()).toEqual([]);
    }
    pass(600_000);
    const answer = await send(moved, '/bff/session');
    expect(answer.json()).toMatchObject({ session: { id: first.sessionId } });
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^session=pawl_rt_/)]);
  });

  it('a new session token is no access token, whatever its prefix', async () => {
    const { browser, origin } = service;
    await service.login();
    const cookie = await browser.jar.getCookieString(origin);
    expect(cookie).toMatch(/^session=pawl_rt_/);
    expect(first.cookie).toMatch(/^session=pawl_at_/);
    expect((await send(cookie.replace('pawl_rt_', 'pawl_at_'), '/mine')).status).toBe(401);
    expect((await send(first.cookie.replace('pawl_at_', 'pawl_rt_'), '/mine')).status).toBe(401);
  });
});
