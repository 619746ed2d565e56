import type { BindingSuite } from '../harness/binding-suite.ts';
import { localOrigin } from '../harness/service.ts';
import { serveSession, tokensSet } from './session-service.ts';

/** Browsers that logged in when there were two cookies, and the refresh cookie stood on `/auth`. */
export const registerFirstEdition = (suite: BindingSuite): void =>
  suite.group('cookies of the first edition', () => {
    const https = { origin: 'https://app.example.com' };

    suite.test('the access cookie works until it expires', async (t) => {
      const service = await serveSession(t);
      const { accessToken } = await service.internals.sessions.create({ userId: 'ann' });
      const cookie = `access_token=${accessToken}`;
      t.hasStatus(await service.send('GET', '/mine', { cookie }), 200);
      t.hasStatus(await service.send('POST', '/mine', { cookie, ...https }), 403);
      t.isRefusal(
        await service.send('GET', '/mine', { cookie: 'access_token=x' }),
        401,
        'invalid_token',
      );
    });

    suite.test('a refresh moves the session to the new cookies', async (t) => {
      for (const mode of ['session', 'pair'] as const) {
        const service = await t.serve({ http: { ...https, cookies: { mode } } });
        const tokens = await service.internals.sessions.create({ userId: 'ann' });
        const old = `__Host-access_token=${tokens.accessToken}; __Secure-refresh_token=${tokens.refreshToken}`;
        const response = await service.send('POST', '/auth/refresh', { cookie: old, ...https });
        t.hasStatus(response, 200);
        const cleared = response.cookies.filter((one) => one.includes('Max-Age=0'));
        const names = cleared.map((one) => one.replace(/; HttpOnly.*/, '')).toSorted();
        t.same(names, [
          ...(mode === 'session' ? ['__Host-access_token=; Max-Age=0; Path=/'] : []),
          '__Secure-refresh_token=; Max-Age=0; Path=/auth',
        ]);
        const set = response.cookies
          .filter((one) => !cleared.includes(one))
          .map((one) => one.split(';')[0])
          .join('; ');
        t.hasStatus(await service.send('GET', '/mine', { cookie: set }), 200);
      }
    });

    suite.test('a refresh cookie alone, or of another session, is refused', async (t) => {
      const service = await serveSession(t, { http: https });
      const [ann, eve] = [
        await service.internals.sessions.create({ userId: 'ann' }),
        await service.internals.sessions.create({ userId: 'eve' }),
      ];
      const planted = `__Secure-refresh_token=${eve.refreshToken}`;
      for (const cookie of [planted, `__Host-access_token=${ann.accessToken}; ${planted}`]) {
        const response = await service.send('POST', '/auth/refresh', { cookie, ...https });
        t.isRefusal(response, 401, 'invalid_grant');
        t.same(tokensSet(response.cookies), []);
      }
    });

    suite.test('a logout ends them, and clears them all', async (t) => {
      const service = await serveSession(t);
      const tokens = await service.internals.sessions.create({ userId: 'ann' });
      const cookie = `access_token=${tokens.accessToken}; refresh_token=${tokens.refreshToken}`;
      const response = await service.send('POST', '/auth/logout', { cookie, origin: localOrigin });
      t.hasStatus(response, 204);
      t.same(response.cookies.map((one) => one.split('=', 1)[0] ?? '').toSorted(), [
        'access_token',
        'refresh_token',
      ]);
      t.same(await service.internals.sessions.list('ann'), []);
    });

    suite.test('a pair whose cookies belong to two sessions is refused', async (t) => {
      const service = await t.serve();
      const [ann, eve] = [
        await service.internals.sessions.create({ userId: 'ann' }),
        await service.internals.sessions.create({ userId: 'eve' }),
      ];
      const cookie = `access_token=${ann.accessToken}; refresh_token=${eve.refreshToken}`;
      const response = await service.send('POST', '/auth/refresh', { cookie, origin: localOrigin });
      t.isRefusal(response, 401, 'invalid_grant');
      t.hasStatus(await service.send('GET', '/mine', { cookie }), 200);
    });
  });
