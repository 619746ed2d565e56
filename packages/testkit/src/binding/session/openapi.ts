import type { BindingSuite } from '../harness/binding-suite.ts';
import type { OpenApiDocument } from '../harness/openapi-rules.ts';

/** The OpenAPI document of the session routes (C16). Every response of every test is checked against it, too. */
export const registerOpenApi = (suite: BindingSuite): void =>
  suite.group('openapi', () => {
    suite.test('C16: the document is served, and its routes are mounted', async (t) => {
      const service = await t.serve({ http: { authPath: '/users/me' } });
      const { status, text, headers } = await service.send('GET', '/users/me/openapi.json');
      t.same([status, headers['cache-control']], [200, 'public, max-age=300']);
      const { paths } = JSON.parse(text) as OpenApiDocument;
      t.same(Object.keys(paths).length >= 6, true);
      for (const [path, operations] of Object.entries(paths)) {
        for (const verb of Object.keys(operations)) {
          const sent = path.replace('{id}', 'A'.repeat(24));
          const response = await service.send(verb.toUpperCase(), sent);
          t.same(
            operations[verb]?.responses[response.status] === undefined,
            false,
            `${verb} ${path}`,
          );
          t.same(response.status === 404, false, `${verb} ${path} is not mounted`);
        }
      }
    });

    suite.test('C16: the document names the cookies that are set', async (t) => {
      const service = await t.serve({ http: { origin: 'https://app.example.com' } });
      const { text } = await service.send('GET', '/auth/openapi.json');
      t.same(text.includes('"__Host-access_token"'), true);
      const { cookies } = await service.browser().send('POST', '/login');
      for (const cookie of cookies) {
        const name = cookie.split('=', 1)[0] ?? '';
        t.same(text.includes(`"${name}"`), true, name);
      }
    });

    suite.test('without sessions the document has no session list', async (t) => {
      const service = await t.serve({ mode: 'token' });
      const { text } = await service.send('GET', '/auth/openapi.json');
      const { paths } = JSON.parse(text) as OpenApiDocument;
      t.same(
        Object.keys(paths).some((path) => path.endsWith('/sessions')),
        false,
      );
    });
  });
