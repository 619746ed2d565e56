import type { BindingSuite } from '../harness/binding-suite.ts';
import { newUser } from '../harness/service.ts';

interface ListedLine {
  readonly id: string;
  readonly current: boolean;
}

const listed = (text: string): ListedLine[] => JSON.parse(text) as ListedLine[];

/** `GET /session`, and the routes of the user's sessions (A22, A23). */
export const registerSessionRoutes = (suite: BindingSuite): void =>
  suite.group('session routes', () => {
    suite.test('C5: GET /session is 200 with and without a session', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const browser = await service.login(user);
      const known = await browser.send('GET', '/auth/session');
      const body = JSON.parse(known.text) as Record<string, unknown>;
      t.same([known.status, body['authenticated'], body['user_id']], [200, true, user]);
      for (const headers of [{}, { authorization: 'Bearer x' }, { cookie: 'access_token=x' }]) {
        const response = await service.send('GET', '/auth/session', headers);
        t.same([response.status, response.text], [200, '{"authenticated":false}']);
        t.same(response.headers['cache-control'], 'no-store');
      }
      await service.internals.sessions.revokeAll(user);
      const stale = await browser.send('GET', '/auth/session');
      t.same([stale.text, stale.cookies.length], ['{"authenticated":false}', 1]);
      t.same(await browser.accessToken(), undefined);
    });

    suite.test('A22: the list holds the user’s live sessions and no credential', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const browser = await service.login(user);
      const { sessionId } = await service.internals.sessions.create({
        userId: user,
        device: { userAgent: 'curl/8', ip: '192.0.2.9', id: 'laptop', label: 'My laptop' },
      });
      await service.login(newUser());
      const ended = await service.internals.sessions.create({ userId: user });
      await service.internals.sessions.revoke(ended.sessionId);
      const { text } = await browser.send('GET', '/auth/sessions');
      const lines = JSON.parse(text) as Record<string, unknown>[];
      t.same(lines.length, 2);
      t.same(lines.filter(({ current }) => current).length, 1);
      const line = lines.find(({ id }) => id === sessionId) ?? {};
      const { created_at: created, last_active_at: active, expires_at: expires, ...rest } = line;
      const times = [created, active, expires].map((time) => new Date(String(time)).toISOString());
      t.same(times, [created, active, expires]);
      t.same(rest, {
        id: sessionId,
        user_agent: 'curl/8',
        ip: '192.0.2.9',
        device_id: 'laptop',
        label: 'My laptop',
        current: false,
      });
      t.same(/hash|token|salt|data|claims/.test(text), false, text);
    });

    suite.test('A23: a user can end one of their own sessions, and no other user’s', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const [browser, other] = [await service.login(user), await service.login(user)];
      const stranger = await service.login();
      const [theirs] = listed((await stranger.send('GET', '/auth/sessions')).text);
      const lines = listed((await browser.send('GET', '/auth/sessions')).text);
      const id = lines.find(({ current }) => !current)?.id ?? '';
      for (const unknown of [
        theirs?.id,
        'A'.repeat(24),
        'x',
        '..%2Fsession',
        '%00',
        '%E0%A4%A',
        '%C0%AF',
        `${id}x`,
        id.toLowerCase() === id ? 'y' : id.toLowerCase(),
      ]) {
        const response = await browser.send('DELETE', `/auth/sessions/${unknown}`);
        // Some routers reject a path that is not UTF-8.
        if (response.status !== 400 || !unknown?.startsWith('%'))
          t.hasStatus(response, 404, unknown);
        t.same(response.cookies, []);
      }
      const response = await browser.send('DELETE', `/auth/sessions/${id}`);
      t.same([response.status, response.text, response.cookies], [204, '', []]);
      t.isRefusal(await other.send('GET', '/mine'), 401, 'session_revoked');
      t.hasStatus(
        await browser.send('DELETE', `/auth/sessions/${id}`),
        204,
        'a second time succeeds, too',
      );
      t.hasStatus(await stranger.send('GET', '/mine'), 200);
      const own = lines.find(({ current }) => current)?.id;
      t.same((await browser.send('DELETE', `/auth/sessions/${own}`)).cookies.length, 2);
      t.same(await browser.cookieCount(), 0);
    });

    suite.test('A23, C17: a user can end all sessions, or all others', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const [browser, other] = [await service.login(user), await service.login(user)];
      for (const query of [
        '?except=all',
        '?except',
        '?Except=current',
        '?except=current&x=1',
        '?',
      ]) {
        const response = await browser.send('DELETE', `/auth/sessions${query}`);
        if (query !== '?') t.isRefusal(response, 400, 'invalid_request', query);
        else t.hasStatus(response, 204);
        if (query === '?') break;
        t.hasStatus(await other.send('GET', '/mine'), 200, `after ${query}`);
      }
      t.isRefusal(await other.send('GET', '/mine'), 401, 'session_revoked');
      t.same(await browser.cookieCount(), 0);
      const [again, second] = [await service.login(user), await service.login(user)];
      t.hasStatus(await again.send('DELETE', '/auth/sessions?except=current'), 204);
      t.isRefusal(await second.send('GET', '/mine'), 401, 'session_revoked');
      t.hasStatus(await again.send('GET', '/mine'), 200);
    });

    suite.test('without a session no session can be listed or ended', async (t) => {
      const service = await t.serve();
      for (const [method, path] of [
        ['GET', '/auth/sessions'],
        ['DELETE', '/auth/sessions'],
        ['DELETE', '/auth/sessions/x'],
      ] as const) {
        t.isRefusal(await service.send(method, path), 401, 'no_session');
      }
    });

    suite.test('the public keys may be cached by anyone', async (t) => {
      const service = await t.serve();
      const { text, headers } = await service.send('GET', '/.well-known/jwks.json');
      t.same(JSON.parse(text), { keys: [] });
      t.same(headers['cache-control'], 'public, max-age=300');
    });

    suite.test('the routes work below another path than /auth', async (t) => {
      const service = await t.serve({ http: { authPath: '/' } });
      const browser = await service.login();
      t.hasStatus(await browser.send('POST', '/refresh'), 200);
      t.hasStatus(await browser.send('POST', '/logout'), 204);
      const other = await t.serve({ http: { authPath: '/users/me/auth/' } });
      t.hasStatus(await (await other.login()).send('POST', '/users/me/auth/refresh'), 200);
    });
  });
