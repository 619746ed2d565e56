import { CookieJar } from 'tough-cookie';
import { describe, expect, test } from 'vitest';
import { cookieModes, frameworks } from '../../src/config.ts';
import { ann, origin, type StartedDemo, start } from '../harness/demo.ts';

interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

/** Returns a browser without script, which sends forms and does not follow redirects. */
const browserOf = ({ demo }: StartedDemo, own: Record<string, string> = { origin }) => {
  const jar = new CookieJar();
  return {
    jar,
    request: async (
      method: string,
      path: string,
      fields?: Record<string, string>,
    ): Promise<Page> => {
      const cookie = await jar.getCookieString(`${origin}${path}`);
      const response = await fetch(`http://127.0.0.1:${demo.port}${path}`, {
        method,
        redirect: 'manual',
        headers: { ...own, ...(cookie && { cookie }) },
        ...(fields && { body: new URLSearchParams(fields) }),
      });
      const { status, headers } = response;
      for (const one of headers.getSetCookie()) await jar.setCookie(one, `${origin}${path}`);
      return { status, headers, html: await response.text() };
    },
  };
};

const modes = frameworks.flatMap((framework) =>
  cookieModes.map((cookies) => ({ framework, cookies })),
);

describe.for(modes)('/plain in $framework with cookies: $cookies', (settings) => {
  test('from the login to the logout, with forms only', async () => {
    await using service = await start(settings);
    await service.send('POST', '/register', { ...ann, username: '<ann>', deliver: 'body' });
    const browser = browserOf(service);
    const anonymous = await browser.request('GET', '/plain');
    expect(anonymous.status).toBe(200);
    expect(anonymous.html).toContain('Nobody is logged in.');
    const credentials = { username: '<ann>', password: ann.password };
    const wrong = await browser.request('POST', '/plain', { ...credentials, password: 'wrong' });
    expect(wrong.status).toBe(401);
    expect(wrong.html).toContain('The name or the password is wrong.');
    const login = await browser.request('POST', '/plain', credentials);
    expect([login.status, login.headers.get('location')]).toEqual([303, '/plain']);
    const { headers, html } = await browser.request('GET', '/plain');
    expect(html).toContain('You are &lt;ann&gt;.');
    expect(html).toContain('Signed in');
    expect(html).not.toMatch(/<script|pawl_(at|rt)_/);
    expect(headers.get('cache-control')).toBe('no-store');
    const { headers: ofPage } = await browser.request('GET', '/');
    const csp = 'content-security-policy';
    expect(headers.get(csp)).toBe(ofPage.get(csp));
    for (let times = 0; times < 2; times++) {
      expect((await browser.request('POST', '/plain/logout', {})).status).toBe(303);
      expect(await browser.jar.getCookies(origin)).toEqual([]);
      expect((await browser.request('GET', '/plain')).html).toContain('Nobody is logged in.');
    }
  });

  test('a form of another site logs nobody in or out, and a JSON body is no form', async () => {
    await using service = await start(settings);
    await service.send('POST', '/register', { ...ann, deliver: 'body' });
    const evil = browserOf(service, { origin: 'https://evil.example' });
    expect((await evil.request('POST', '/plain', ann)).status).toBe(403);
    const browser = browserOf(service);
    expect((await browser.request('POST', '/plain', ann)).status).toBe(303);
    for (const cookie of await browser.jar.getCookies(origin)) {
      await evil.jar.setCookie(cookie, origin);
    }
    expect((await evil.request('POST', '/plain/logout', {})).status).toBe(403);
    expect((await browser.request('GET', '/plain')).html).toContain('You are ann.');
    expect(await service.send('POST', '/plain', ann, { origin })).toMatchObject({ status: 415 });
    expect((await browser.request('POST', '/plain', { username: 'ann' })).status).toBe(400);
    expect((await browser.request('POST', '/login', ann)).status).toBe(415);
  });

  test('after twenty minutes it knows its user, or says that the access cookie has expired', async () => {
    await using service = await start(settings);
    await service.send('POST', '/register', { ...ann, deliver: 'body' });
    const browser = browserOf(service);
    await browser.request('POST', '/plain', ann);
    service.wait(20 * 60_000);
    const { status, html } = await browser.request('GET', '/plain');
    expect(status).toBe(200);
    const expected = {
      session: ['You are ann.', 'Rotated: generation 0 → 1'],
      pair: ['The access cookie has expired.', 'href="/#resume"'],
    }[settings.cookies];
    for (const text of expected) expect(html).toContain(text);
    expect(html.includes('You are')).toBe(settings.cookies === 'session');
  });
});

test('guesses of a password are limited by the limit of all logins', async () => {
  await using service = await start();
  const browser = browserOf(service);
  const statuses: number[] = [];
  for (let tries = 0; tries < 11; tries++) {
    statuses.push((await browser.request('POST', '/plain', ann)).status);
  }
  expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
});
