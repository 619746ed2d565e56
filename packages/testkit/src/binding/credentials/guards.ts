import type { BindingSuite } from '../harness/binding-suite.ts';
import { bugMessage, freshness } from '../harness/serve.ts';
import { newUser } from '../harness/service.ts';

/** Whom a guard lets pass, and what it passes to the handler. */
export const registerGuards = (suite: BindingSuite): void =>
  suite.group('guards', () => {
    suite.test(
      'A11: missing, invalid and expired credentials have different error codes',
      async (t) => {
        const service = await t.serve();
        const bearer = await service.bearer();
        for (const method of ['GET', 'POST']) {
          t.isRefusal(await service.send(method, '/mine'), 401, 'no_session');
          const bad = { authorization: 'Bearer x' };
          t.isRefusal(await service.send(method, '/mine', bad), 401, 'invalid_token');
        }
        await service.internals.wait(600_000);
        t.isRefusal(await service.send('GET', '/mine', bearer), 401, 'token_expired');
      },
    );

    suite.test('A11: HEAD is guarded like GET', async (t) => {
      const service = await t.serve();
      const refused = await service.send('HEAD', '/mine');
      t.isRefusal(refused, 401, 'no_session');
      t.same(refused.text, '');
      t.hasStatus(await service.send('HEAD', '/mine', await service.bearer()), 200);
    });

    suite.test('A7: the handler receives the user, the claims and the session', async (t) => {
      const service = await t.serve();
      const userId = newUser();
      const { accessToken, sessionId } = await service.internals.sessions.create({
        userId,
        claims: { admin: true },
        data: { theme: 'dark' },
      });
      const headers = { authorization: `Bearer ${accessToken}` };
      const { text } = await service.send('GET', '/mine', headers);
      t.same(JSON.parse(text), { user: userId, session: sessionId });
      const [auth] = service.internals.auths;
      t.same(auth?.claims, { admin: true });
      t.same(auth?.session?.data, { theme: 'dark' });
    });

    suite.test('A8: a revoked, expired or missing session is 401', async (t) => {
      const core = { accessTokenLifetime: 1_000, accessTokenJitter: 0, idleTimeout: 1_100 };
      const times = { gracePeriod: 0, settlePeriod: 0, strikePeriod: 0 };
      const service = await t.serve({ core: { ...core, ...times } });
      const ended = await service.bearer();
      await service.internals.sessions.revokeByToken(ended.authorization.slice('Bearer '.length));
      t.isRefusal(await service.send('GET', '/mine', ended), 401, 'session_revoked');
      const gone = await service.bearer();
      service.internals.store.changeResult = (verb, result) =>
        verb === 'sessions.find' ? null : result;
      t.isRefusal(await service.send('GET', '/mine', gone), 401, 'invalid_session');
      service.internals.store.changeResult = undefined;
      const browser = await service.login();
      await service.internals.waitForStore(1_200);
      t.isRefusal(await browser.send('POST', '/auth/refresh'), 401, 'invalid_grant');
      t.isRefusal(await browser.send('GET', '/mine'), 401, 'token_expired');
    });

    suite.test('a predicate that returns false is 403', async (t) => {
      const service = await t.serve();
      const admin = await service.bearer(newUser(), { admin: true });
      t.hasStatus(await service.send('GET', '/admin', admin), 200);
      t.isRefusal(await service.send('GET', '/admin'), 401, 'no_session');
      const refused = await service.send('GET', '/admin', await service.bearer());
      t.isRefusal(refused, 403, 'forbidden');
      t.same(/insufficient_scope/.test(refused.headers['www-authenticate'] ?? ''), true);
    });

    suite.test('FC-01: a predicate that throws lets nobody pass and is 500', async (t) => {
      const service = await t.serve();
      const response = await service.send('GET', '/broken', await service.bearer());
      t.hasStatus(response, 500);
      t.same(response.text, 'failed');
      t.same(service.internals.errors.map(String), [`TypeError: ${bugMessage}`]);
    });

    suite.test('SE-10: an authentication that is too old is refused until a step-up', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      t.hasStatus(await browser.send('POST', '/fresh'), 200);
      await service.internals.wait(freshness + 1_000);
      const refused = await browser.send('POST', '/fresh');
      t.isRefusal(refused, 401, 'step_up_required');
      t.same(/max_age="300"/.test(refused.headers['www-authenticate'] ?? ''), true);
      const before = [await browser.accessToken(), await browser.refreshToken()];
      const elevated = await browser.send('POST', '/elevate');
      t.hasStatus(elevated, 200);
      t.same(elevated.cookies.length, 2);
      t.hasStatus(await browser.send('POST', '/fresh'), 200);
      // SE-03: the step-up issues new credentials, and the old ones are invalid at once.
      const old = { authorization: `Bearer ${before[0]}` };
      t.isRefusal(await service.send('GET', '/mine', old), 401, 'invalid_token');
      t.same(before.includes(await browser.refreshToken()), false);
      t.hasStatus(await browser.send('POST', '/auth/refresh'), 200);
    });

    suite.test('a step-up returns tokens the same way as it received the credential', async (t) => {
      const service = await t.serve();
      const bearer = await service.bearer();
      const { text, cookies } = await service.send('POST', '/elevate', bearer);
      t.same(cookies, []);
      const { access_token: token } = JSON.parse(text) as { access_token: string };
      const fresh = { authorization: `Bearer ${token}` };
      t.hasStatus(await service.send('POST', '/fresh', fresh), 200);
    });
  });
