import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, exchange, type Sent } from './exchange.ts';
import { type Service, startService } from './service.ts';

const rotateAfter = 600_000;
const strikePeriod = 120_000;

let service: Service;
let sessionId: string;
beforeEach(async () => {
  service = await startService();
  sessionId = await service.login();
});
afterEach(() => service.close());

/** The cookie of the browser's jar, as a request header has it. */
const jar = (): Promise<string> => service.browser.jar.getCookieString(service.origin);

/** A request of the page with a cookie of the test's choice; the jar stays as it is. */
const send = (cookie: string, path: string, sent: Sent = {}): Promise<Answer> => {
  const { origin } = service;
  const headers = { cookie, 'x-bff': '1', 'sec-fetch-site': 'same-origin', origin };
  return exchange(`${origin}${path}`, { ...sent, headers: { ...headers, ...sent.headers } });
};

const rotations = (): number => service.types().filter((type) => type === 'session.rotated').length;

/** A cookie that was replaced, and whose successor is in use: the grace period is over. */
const replace = async (): Promise<string> => {
  const old = await jar();
  service.pass(rotateAfter);
  for (let time = 0; time < 2; time++) await service.browser.call(`${service.origin}/bff/session`);
  service.pass(11_000);
  return old;
};

describe('the session cookie rotates', () => {
  it.each<[string, string, number]>([
    ['GET', '/bff/session', 200],
    ['POST', '/bff/refresh', 200],
    ['GET', '/bff/sessions', 200],
    ['DELETE', '/bff/sessions/x', 404],
    ['DELETE', '/bff/sessions?except=current', 204],
    ['GET', '/mine', 200],
  ])('by %s %s, once, and the next request has the new one', async (method, path, status) => {
    const { browser, origin, pass } = service;
    const call = () => browser.call(`${origin}${path}`, { method });
    const old = await jar();
    const before = await call();
    expect([before.status, before.headers.getSetCookie()]).toEqual([status, []]);
    pass(rotateAfter);
    const rotated = await call();
    expect(rotated.status).toBe(status);
    expect(rotated.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^session=pawl_rt_[\w-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/,
      ),
    ]);
    expect(rotated.headers.get('cache-control')).toBe('no-store');
    expect(await jar()).not.toBe(old);
    const after = await call();
    expect([after.status, after.headers.getSetCookie()]).toEqual([status, []]);
    expect(rotations()).toBe(1);
  });

  it('and the page still knows its user after a day of rotations, with upstream tokens', async () => {
    const { browser, origin, pass, bff } = service;
    const seen = new Set([await jar()]);
    for (let rotation = 1; rotation <= 24; rotation++) {
      pass(3_600_000);
      const answer = await browser.call(`${origin}/bff/session`);
      expect(answer.json()).toMatchObject({ user_id: 'ann', session: { id: sessionId } });
      seen.add(await jar());
      expect(seen.size).toBe(1 + rotation);
    }
    await bff.upstream.getUpstreamToken(sessionId);
    expect(rotations()).toBe(24);
  });

  it('also in a response that fails, so that it is not lost', async () => {
    const { browser, origin, pass, provider } = service;
    pass(3_600_000);
    provider.trouble.push({ status: 503, body: '' });
    const answer = await browser.call(`${origin}/bff/refresh`, { method: 'POST' });
    expect(answer.status).toBe(503);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^session=pawl_rt_/)]);
    provider.trouble.length = 0;
  });

  it('once for twenty parallel requests, which are twenty 200s', async () => {
    const old = await jar();
    service.pass(rotateAfter);
    const paths = ['/bff/session', '/bff/sessions', '/mine', '/bff/session'];
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => send(old, paths[index % 4] ?? '/')),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const cookies = answers.flatMap(({ headers }) => headers.getSetCookie());
    expect(cookies.length).toBeGreaterThan(0);
    expect(new Set(cookies.map((one) => one.split(';')[0])).size).toBe(1);
    expect(rotations()).toBe(1);
  });

  it('a lost response: the next one has the same cookie', async () => {
    const old = await jar();
    service.pass(rotateAfter);
    const lost = await send(old, '/bff/session');
    service.pass(60_000);
    const next = await send(old, '/mine');
    const valueOf = ({ headers }: Answer) => headers.getSetCookie()[0]?.split(';')[0];
    expect(valueOf(next)).toBe(valueOf(lost));
    expect((await send(valueOf(next) ?? '', '/mine')).status).toBe(200);
    expect(rotations()).toBe(1);
  });

  it('but not for a request of another site, which is refused first', async () => {
    const old = await jar();
    service.pass(rotateAfter);
    const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    for (const headers of [evil, { 'x-bff': '0' }]) {
      const answer = await send(old, '/bff/session', { headers });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
    }
    expect(rotations()).toBe(0);
  });

  it('every ten minutes, or as often as the option says', async () => {
    await service.close();
    service = await startService({ options: { rotateAfter: 60_000 } });
    await service.login();
    const { browser, origin, pass } = service;
    for (const [ms, count] of [
      [30_000, 0],
      [30_000, 1],
      [60_000, 2],
    ] as const) {
      pass(ms);
      await browser.call(`${origin}/bff/session`);
      expect(rotations()).toBe(count);
    }
  });
});

describe('a cookie that another tab has replaced for good', () => {
  it.each<[string, string]>([
    ['GET', '/bff/session'],
    ['POST', '/bff/refresh'],
    ['GET', '/bff/sessions'],
    ['GET', '/mine'],
  ])('%s %s is 409 with Retry-After, and the newer one works', async (method, path) => {
    const old = await replace();
    const answer = await send(old, path, { method });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([409, '1']);
    expect(answer.headers.getSetCookie()).toEqual([]);
    const newer = await service.browser.call(`${service.origin}${path}`, { method });
    expect(newer.status).toBe(200);
  });

  it('a page load is sent to its own address once', async () => {
    const old = await replace();
    const navigation = { headers: { 'sec-fetch-mode': 'navigate' } };
    const answer = await send(old, '/bff/session', navigation);
    expect([answer.status, answer.headers.get('location')]).toEqual([303, './session']);
  });

  it('later it ends the session, which is an alarm, and is cleared', async () => {
    const old = await replace();
    service.pass(strikePeriod);
    const answer = await send(old, '/bff/session');
    expect([answer.status, answer.json()]).toEqual([200, { authenticated: false }]);
    expect(answer.headers.getSetCookie()).toEqual([expect.stringMatching(/^session=; Max-Age=0/)]);
    expect(service.types()).toContain('reuse.detected');
    await expect(service.bff.sessions.get(sessionId)).rejects.toMatchObject({
      reason: 'reuse_detected',
    });
  });

  it('a logout ends the session by it, without an alarm and without an ID token', async () => {
    await service.close();
    service = await startService({ options: { dangerouslySendIdTokenHint: true } });
    sessionId = await service.login();
    const old = await replace();
    const answer = await send(old, '/bff/logout', { method: 'POST' });
    expect(answer.status).toBe(200);
    const { logout_url: url } = answer.json<{ logout_url: string }>();
    expect(new URL(url).searchParams.has('id_token_hint')).toBe(false);
    expect(service.types()).not.toContain('reuse.detected');
    await expect(service.bff.sessions.get(sessionId)).rejects.toMatchObject({ reason: 'logout' });
    expect(service.provider.revocations()).toBe(1);
  });
});

describe('two cookies of the name', () => {
  it('of one session: the newest counts, and the other path is cleared', async () => {
    const old = await jar();
    service.pass(rotateAfter);
    await service.browser.call(`${service.origin}/bff/session`);
    const both = `${old}; ${await jar()}`;
    for (const path of ['/bff/session', '/mine', '/bff/sessions']) {
      const answer = await send(both, path);
      expect(answer.status).toBe(200);
      expect(answer.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^session=; Max-Age=0; Path=\/bff; /),
      ]);
    }
    expect((await send(both, '/bff/session')).json()).toMatchObject({ user_id: 'ann' });
  });

  it('of two sessions: neither counts, and a logout ends both', async () => {
    const { open, origin, login, bff, provider } = service;
    const other = open();
    const otherId = await login(other);
    const both = `${await jar()}; ${await other.jar.getCookieString(origin)}`;
    expect((await send(both, '/mine')).status).toBe(401);
    expect((await send(both, '/bff/session')).json()).toEqual({ authenticated: false });
    const answer = await send(both, '/bff/logout', { method: 'POST' });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^session=; Max-Age=0; Path=\/bff; /),
      expect.stringMatching(/^session=; Max-Age=0; Path=\/; /),
    ]);
    for (const id of [sessionId, otherId]) {
      await expect(bff.sessions.get(id)).rejects.toMatchObject({ reason: 'logout' });
    }
    expect(provider.revocations()).toBe(2);
  });

  it('a login ends the sessions of both', async () => {
    const { open, origin, login, bff, browser } = service;
    const other = open();
    const otherId = await login(other);
    const cookie = await other.jar.getCookieString(origin);
    await browser.jar.setCookie(`${cookie}; Path=/bff; HttpOnly`, origin);
    await browser.go(`${origin}/bff/login`);
    for (const id of [sessionId, otherId]) {
      await expect(bff.sessions.get(id)).rejects.toMatchObject({ reason: 'replaced' });
    }
    // The first request finds the other cookie in the way, and clears it.
    const session = () => browser.call(`${origin}/bff/session`);
    expect((await session()).headers.getSetCookie()).toEqual([
      expect.stringMatching(/^session=; Max-Age=0; Path=\/bff; /),
    ]);
    expect((await session()).json()).toMatchObject({ user_id: 'ann' });
  });
});

it('no session token is in a body, an event or a request to the provider', async () => {
  const { browser, origin, pass, events } = service;
  const tokens = new Set<string>();
  for (let time = 0; time < 3; time++) {
    pass(rotateAfter);
    for (const path of ['/bff/session', '/bff/sessions', '/mine']) {
      expect((await browser.call(`${origin}${path}`)).text).not.toContain('pawl_');
    }
    tokens.add((await jar()).slice('session='.length));
  }
  expect(tokens.size).toBe(3);
  expect(JSON.stringify(events)).not.toContain('pawl_');
});
