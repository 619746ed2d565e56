import type { BindingSuite } from '../harness/binding-suite.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { driverMessage } from '../harness/failing-store.ts';

/** A store that fails: neither "logged out" nor "allowed" (A9, RV-02, RV-07, FC-01). */
export const registerOutages = (suite: BindingSuite): void =>
  suite.group('outages', () => {
    suite.test('A9, RV-07: every check is 503, takes no cookie and tells nothing', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      const { apiKey } = await service.inside.apiKeys.create({ userId: 'robot', name: 'ci' });
      service.inside.store.down = true;
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
        const answer = await browser.send(method, path);
        t.refused(answer, 503, 'unavailable');
        t.same(answer.cookies, [], `${method} ${path}`);
        t.same(answer.text.includes(driverMessage), false);
      }
      const robot = await service.send('GET', '/mine', { authorization: `Bearer ${apiKey}` });
      t.refused(robot, 503, 'unavailable');
      service.inside.store.down = false;
      t.status(await browser.send('GET', '/mine'), 200);
    });

    suite.test('A18: a refresh that failed consumed nothing', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      for (const down of [true, ['sessions.rotate'], ['sessions.find']]) {
        service.inside.store.down = down;
        const answer = await browser.send('POST', '/auth/refresh');
        if (answer.status !== 200) t.refused(answer, 503, 'unavailable');
        service.inside.store.down = false;
        t.status(await browser.send('POST', '/auth/refresh'), 200);
        t.status(await browser.send('GET', '/mine'), 200);
      }
    });

    suite.test(
      'every verb that fails by itself is 503 where it is needed, and never a pass',
      async (t) => {
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
          service.inside.store.down = [verb];
          t.refused(await browser.send(method, path), 503, 'unavailable', verb);
          service.inside.store.down = false;
        }
      },
    );

    suite.test('a store that answers what cannot be is 503, too', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      const other = await service.inside.sessions.create({ userId: 'someone-else' });
      const foreign = await service.inside.store.store.sessions.find(other.sessionId);
      service.inside.store.answer = (verb, answer) => (verb === 'sessions.find' ? foreign : answer);
      t.refused(await browser.send('GET', '/mine'), 503, 'unavailable');
    });

    suite.test('an error of Pawl’s that a handler let through is answered', async (t) => {
      const service = await t.serve();
      t.same((await service.send('GET', '/lookup')).text, '[]');
      service.inside.store.down = true;
      t.refused(await service.send('GET', '/lookup'), 503, 'unavailable');
    });

    suite.test('a failure of the store is an event, and reaches the error handler', async (t) => {
      const service = await t.serve();
      const bearer = await service.bearer();
      service.inside.store.down = true;
      service.inside.events.length = 0;
      await service.send('GET', '/mine', bearer);
      await service.send('POST', '/auth/refresh', jsonHeaders, '{"refresh_token":"x"}');
      t.same(service.inside.events.filter(({ type }) => type === 'request.failed').length, 1);
      const codes = service.inside.errors.map(
        (error) => ((error as Error).cause as { code: string }).code,
      );
      t.same(codes, ['ERR_STORE_UNAVAILABLE', 'ERR_REFRESH_TOKEN_INVALID']);
    });
  });
