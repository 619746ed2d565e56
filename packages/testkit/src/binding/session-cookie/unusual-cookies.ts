import { createSessions } from '@pawl/core';
import type { BindingSuite } from '../harness/binding-suite.ts';
import { localOrigin } from '../harness/service.ts';
import { serveSession, sessionToken, tokensSet } from './session-service.ts';

/** Cookies that no browser of this deployment should have. None of them locks a browser out. */
export const registerUnusualCookies = (suite: BindingSuite): void =>
  suite.group('unusual session cookies', () => {
    suite.test('cut short, altered or of another kind: 401, cleared, no store call', async (t) => {
      const service = await serveSession(t);
      const token = (await sessionToken(await service.login())) ?? '';
      const altered = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
      for (const value of ['', 'x', token.slice(0, -1), `${token}A`, altered, 'a'.repeat(9_000)]) {
        service.internals.store.calls = [];
        const cookie = `session=${value}`;
        const refused = await service.send('GET', '/mine', { cookie });
        t.isRefusal(refused, 401, 'invalid_token', value.slice(0, 20));
        t.same(refused.cookies, ['session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax']);
        t.hasStatus(await service.send('GET', '/anyone', { cookie }), 200);
        t.same(service.internals.store.calls, []);
        const login = await service.send('POST', '/login', { cookie, origin: localOrigin });
        t.same(tokensSet(login.cookies).length, 1);
        const logout = await service.send('POST', '/auth/logout', { cookie, origin: localOrigin });
        t.hasStatus(logout, 204);
      }
    });

    suite.test(
      'of another deployment, or of an unknown root secret: 401, no lockout',
      async (t) => {
        const service = await serveSession(t);
        const other = (secret: string): ReturnType<typeof createSessions> =>
          createSessions({ store: service.internals.store.store, secrets: [secret] });
        const foreign = other('a secret of another deployment: 0123456789 abcdefgh');
        const { refreshToken } = await foreign.create({ userId: 'ann' });
        const cookie = `session=${refreshToken}`;
        t.isRefusal(await service.send('GET', '/mine', { cookie }), 401, 'invalid_token');
        t.hasStatus(await service.send('GET', '/anyone', { cookie }), 200);
        const login = await service.send('POST', '/login', { cookie, origin: localOrigin });
        const [token] = tokensSet(login.cookies);
        t.hasStatus(await service.send('GET', '/mine', { cookie: `session=${token}` }), 200);
      },
    );

    suite.test('CK-06: several of one session: the newest counts', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      const old = await sessionToken(browser);
      t.hasStatus(await browser.send('POST', '/auth/refresh'), 200);
      const current = await sessionToken(browser);
      for (const cookie of [
        `session=${old}; session=${current}`,
        `session=${current}; session=${old}`,
        `session=x; session=${current}`,
        `session=${current}; session=${current}`,
      ]) {
        const response = await service.send('GET', '/mine', { cookie });
        t.hasStatus(response, 200, cookie);
        // What may be in the way is cleared, and ours is not.
        t.same(response.cookies, ['session=; Max-Age=0; Path=/auth; HttpOnly; SameSite=Lax']);
      }
      const events = service.internals.events.filter(({ type }) => type === 'cookie.duplicated');
      t.same(events.length, 4);
    });

    suite.test('CK-06: of several sessions: none counts, and a logout ends all', async (t) => {
      const service = await serveSession(t);
      const browsers = [await service.login('ann'), await service.login('bob')];
      const tokens = await Promise.all(browsers.map(sessionToken));
      const cookie = tokens.map((token) => `session=${token}`).join('; ');
      const refused = await service.send('GET', '/mine', { cookie });
      t.isRefusal(refused, 401, 'invalid_token');
      t.same(refused.cookies, ['session=; Max-Age=0; Path=/auth; HttpOnly; SameSite=Lax']);
      t.hasStatus(await service.send('GET', '/anyone', { cookie }), 200);
      const logout = await service.send('POST', '/auth/logout', { cookie, origin: localOrigin });
      t.hasStatus(logout, 204);
      for (const browser of browsers) t.hasStatus(await browser.send('GET', '/mine'), 401);
    });
  });
