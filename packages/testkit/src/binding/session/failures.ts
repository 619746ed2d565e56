import type { BindingSuite } from '../harness/binding-suite.ts';
import { bugMessage } from '../harness/serve.ts';

/** Refusals and bugs reach the framework's error handler. */
export const registerFailures = (suite: BindingSuite): void =>
  suite.group('failures', () => {
    suite.test(
      'a refusal reaches the error handler once, with the error of Pawl as its cause',
      async (t) => {
        const service = await t.serve();
        await service.send('GET', '/mine');
        await service.send('POST', '/auth/refresh');
        const evil = { origin: 'https://evil.example' };
        await service.send('POST', '/login', evil);
        await service.send('POST', '/sign-up', evil);
        await service.send('GET', '/auth/sessions');
        await service.send('POST', '/bye', { authorization: 'Bearer x' });
        const codes = service.internals.errors.map(
          (error) => ((error as Error).cause as { code: string }).code,
        );
        t.same(codes, [
          'ERR_CREDENTIAL_MISSING',
          'ERR_REQUEST_INVALID',
          'ERR_CSRF',
          'ERR_CSRF',
          'ERR_CREDENTIAL_MISSING',
          'ERR_TOKEN_INVALID',
        ]);
      },
    );

    suite.test(
      'FC-01: an error of a handler reaches the error handler unchanged, and the service continues',
      async (t) => {
        const service = await t.serve();
        for (let i = 0; i < 3; i++) {
          const response = await service.send('GET', '/bug');
          t.same([response.status, response.text], [500, 'failed']);
        }
        t.same(service.internals.errors.map(String), Array(3).fill(`TypeError: ${bugMessage}`));
        t.hasStatus(await service.send('GET', '/mine', await service.bearer()), 200);
      },
    );

    suite.test('a successful request does not reach the error handler', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      await browser.send('GET', '/mine');
      await browser.send('GET', '/anyone');
      await browser.send('POST', '/auth/refresh');
      await service.send('GET', '/auth/session');
      await browser.send('POST', '/auth/logout');
      t.same(service.internals.errors, []);
    });

    suite.test('an unknown route is the framework’s 404', async (t) => {
      const service = await t.serve();
      for (const path of ['/auth', '/auth/', '/auth/refreshx', '/auth/sessions/a/b', '/nowhere']) {
        t.hasStatus(await service.send('GET', path), 404, path);
      }
    });
  });
