import type { BindingSuite } from '../harness/binding-suite.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { driverMessage } from '../harness/failing-store.ts';

/** A store that fails means neither "logged out" nor "allowed" (A9, RV-02, RV-07, FC-01). */
export const registerOutages = (suite: BindingSuite): void =>
  suite.group('outages', () => {
    suite.test(
      'A9, RV-07: every check is 503, clears no cookie and shows no details',
      async (t) => {
        const service = await t.serve();
        const browser = await service.login();
        const { apiKey } = await service.internals.apiKeys.create({ userId: 'robot', name: 'ci' });
        service.internals.store.down = true;
        for (const [method, path] of [
          ['GET', '/mine'],
          ['POST', '/mine'],
          ['GET', '/anyone'],
          ['GET', '/admin'],
          ['POST', '/fresh'],
          ['POST', '/elevate'],
          ['POST', '/auth/refresh'],
          ['GET', '/auth/session'],
          ['GET', '/auth/sessions'],
          ['DELETE', '/auth/sessions'],
          ['DELETE', '/auth/sessions/AAAAAAAAAAAAAAAAAAAAAAAA'],
        ] as const) {
          const response = await browser.send(method, path);
          t.isRefusal(response, 503, 'unavailable');
          t.same(response.cookies, [], `${method} ${path}`);
          t.same(response.text.includes(driverMessage), false);
        }
        const robot = await service.send('GET', '/mine', { authorization: `Bearer ${apiKey}` });
        t.isRefusal(robot, 503, 'unavailable');
        service.internals.store.down = false;
        t.hasStatus(await browser.send('GET', '/mine'), 200);
      },
    );

    suite.test('A18: a failed refresh does not consume the token', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      for (const down of [true, ['sessions.rotate'], ['sessions.find']]) {
        service.internals.store.down = down;
        const response = await browser.send('POST', '/auth/refresh');
        if (response.status !== 200) t.isRefusal(response, 503, 'unavailable');
        service.internals.store.down = false;
        t.hasStatus(await browser.send('POST', '/auth/refresh'), 200);
        t.hasStatus(await browser.send('GET', '/mine'), 200);
      }
    });

    suite.test('a single failing verb is 503 on every route that needs it', async (t) => {
      const needs: Readonly<Record<string, readonly [method: string, path: string]>> = {
        'sessions.find': ['GET', '/mine'],
        'sessions.create': ['POST', '/login'],
        'sessions.rotate': ['POST', '/auth/refresh'],
        'sessions.elevate': ['POST', '/elevate'],
        'sessions.list': ['GET', '/auth/sessions'],
        'sessions.revoke': ['POST', '/auth/logout'],
        'sessions.revokeAll': ['DELETE', '/auth/sessions'],
      };
      const service = await t.serve();
      for (const [verb, [method, path]] of Object.entries(needs)) {
        const browser = await service.login();
        service.internals.store.down = [verb];
        t.isRefusal(await browser.send(method, path), 503, 'unavailable', verb);
        service.internals.store.down = false;
      }
    });

    suite.test('a wrong result of the store is 503, too', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      const other = await service.internals.sessions.create({ userId: 'someone-else' });
      const foreign = await service.internals.store.store.sessions.find(other.sessionId);
      service.internals.store.changeResult = (verb, result) =>
        verb === 'sessions.find' ? foreign : result;
      t.isRefusal(await browser.send('GET', '/mine'), 503, 'unavailable');
    });

    suite.test(
      'an error of Pawl that a handler does not catch gets its own response',
      async (t) => {
        const service = await t.serve();
        t.same((await service.send('GET', '/lookup')).text, '[]');
        service.internals.store.down = true;
        t.isRefusal(await service.send('GET', '/lookup'), 503, 'unavailable');
      },
    );

    suite.test('a failure of the store emits an event and reaches the error handler', async (t) => {
      const service = await t.serve();
      const bearer = await service.bearer();
      service.internals.store.down = true;
      service.internals.events.length = 0;
      await service.send('GET', '/mine', bearer);
      await service.send('POST', '/auth/refresh', jsonHeaders, '{"refresh_token":"x"}');
      t.same(service.internals.events.filter(({ type }) => type === 'request.failed').length, 1);
      const codes = service.internals.errors.map(
        (error) => ((error as Error).cause as { code: string }).code,
      );
      t.same(codes, ['ERR_STORE_UNAVAILABLE', 'ERR_REFRESH_TOKEN_INVALID']);
    });
  });
