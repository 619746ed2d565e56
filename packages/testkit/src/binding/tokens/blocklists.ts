import type { BindingSuite } from '../harness/binding-suite.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { newUser } from '../harness/service.ts';

/** JWTs that a blocklist revokes, with and without sessions (BEHAVIOURS B). */
export const registerBlocklists = (suite: BindingSuite): void =>
  suite.group('blocklists', () => {
    for (const mode of ['blocklist', 'revocable token'] as const) {
      suite.test(
        `B2, B10: a logout revokes the token, and a second one succeeds: ${mode}`,
        async (t) => {
          const service = await t.serve({ mode });
          const browser = await service.login();
          const bearer = { authorization: `Bearer ${await browser.accessToken()}` };
          t.hasStatus(await service.send('GET', '/mine', bearer), 200);
          t.hasStatus(await service.send('POST', '/auth/logout', bearer), 204);
          t.hasStatus(await service.send('POST', '/auth/logout', bearer), 204);
          const revoked = await service.send('GET', '/mine', bearer);
          t.isRefusal(revoked, 401, 'invalid_token');
          const bad = await service.send('GET', '/mine', { authorization: 'Bearer x' });
          t.same(
            [revoked.text, revoked.headers['www-authenticate']],
            [bad.text, bad.headers['www-authenticate']],
            'the response is that of any invalid token',
          );
          await service.internals.wait(500_000);
          t.isRefusal(
            await service.send('GET', '/mine', bearer),
            401,
            'invalid_token',
            'until it expires',
          );
        },
      );

      suite.test(`B1: another token of the same user stays valid: ${mode}`, async (t) => {
        const service = await t.serve({ mode });
        const user = newUser();
        const [ended, other] = [await service.login(user), await service.login(user)];
        t.hasStatus(await ended.send('POST', '/auth/logout'), 204);
        t.isRefusal(await ended.send('GET', '/mine'), 401, 'no_session');
        t.hasStatus(await other.send('GET', '/mine'), 200);
      });

      suite.test(`B4: a failing check is 503, and so is a failing logout: ${mode}`, async (t) => {
        const service = await t.serve({ mode });
        const browser = await service.login();
        const bearer = { authorization: `Bearer ${await browser.accessToken()}` };
        service.internals.store.down = ['blocklist.isRevoked'];
        for (const path of ['/mine', '/anyone', '/admin']) {
          t.isRefusal(await service.send('GET', path, bearer), 503, 'unavailable');
        }
        service.internals.store.down = ['blocklist.revoke'];
        t.isRefusal(await service.send('POST', '/auth/logout', bearer), 503, 'unavailable');
        const response = await browser.send('POST', '/auth/logout');
        t.isRefusal(response, 503, 'unavailable');
        t.same(await browser.cookieCount(), 0, 'the cookies are cleared');
        service.internals.store.down = false;
        t.hasStatus(await service.send('GET', '/mine', bearer), 200, 'nothing was revoked');
      });

      suite.test(`a logout accepts an expired token: ${mode}`, async (t) => {
        const service = await t.serve({ mode });
        const browser = await service.login();
        const bearer = { authorization: `Bearer ${await browser.accessToken()}` };
        await service.internals.wait(3_600_000);
        t.isRefusal(await service.send('GET', '/mine', bearer), 401, 'token_expired');
        t.hasStatus(await service.send('POST', '/auth/logout', bearer), 204);
      });
    }

    suite.test('RV-03: revoking a refresh token revokes the session’s access tokens', async (t) => {
      const service = await t.serve({ mode: 'blocklist' });
      const tokens = await service.internals.sessions.create({ userId: newUser() });
      const bearer = { authorization: `Bearer ${tokens.accessToken}` };
      t.hasStatus(await service.send('GET', '/mine', bearer), 200);
      const body = JSON.stringify({ refresh_token: tokens.refreshToken });
      t.hasStatus(await service.send('POST', '/auth/logout', jsonHeaders, body), 204);
      t.isRefusal(await service.send('GET', '/mine', bearer), 401, 'invalid_token');
    });

    suite.test('the session routes still require a live session', async (t) => {
      const service = await t.serve({ mode: 'blocklist' });
      const browser = await service.login();
      t.hasStatus(await browser.send('GET', '/auth/sessions'), 200);
      service.internals.store.down = ['sessions.find'];
      t.hasStatus(await browser.send('GET', '/mine'), 200, 'the blocklist is enough');
      t.isRefusal(await browser.send('GET', '/auth/sessions'), 503, 'unavailable');
    });
  });
