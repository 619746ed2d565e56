import type { BindingSuite } from '../harness/binding-suite.ts';

/** Sub-applications, which see only the end of the path that the browser sees. */
export const registerPrefixes = (suite: BindingSuite): void =>
  suite.group('prefixes', () => {
    for (const prefix of ['/api', '/a/b']) {
      suite.test(`all routes work below ${prefix}`, async (t) => {
        const service = await t.serve({ mount: { prefix }, http: { pathPrefix: prefix } });
        const browser = service.browser();
        const { cookies } = await browser.send('POST', `${prefix}/login`);
        t.same(cookies.filter((one) => one.includes('; Path=/;')).length, 2);
        t.hasStatus(await browser.send('GET', `${prefix}/mine`), 200);
        t.hasStatus(await browser.send('POST', `${prefix}/auth/refresh`), 200);
        t.hasStatus(await browser.send('GET', `${prefix}/auth/sessions`), 200);
        t.hasStatus(await browser.send('POST', '/auth/refresh'), 404);
        t.hasStatus(await browser.send('DELETE', `${prefix}/auth/sessions?except=current`), 204);
        const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
        t.isRefusal(await browser.send('POST', `${prefix}/mine`, evil), 403, 'csrf_violation');
        t.hasStatus(await browser.send('POST', `${prefix}/auth/logout`), 204);
        t.same(await browser.cookieCount(), 0);
        t.isRefusal(await browser.send('GET', `${prefix}/mine`), 401, 'no_session');
        t.hasStatus(await service.send('GET', '/.well-known/jwks.json'), 200);
      });
    }
  });
