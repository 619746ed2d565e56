import type { BindingSuite } from '../harness/binding-suite.ts';
import { newUser } from '../harness/service.ts';

/** Where a credential is read from, and what is not accepted as one. */
export const registerCredentials = (suite: BindingSuite): void =>
  suite.group('credentials', () => {
    suite.test('A12: the header is read first, then the cookie', async (t) => {
      const service = await t.serve();
      const [ann, bob] = [newUser(), newUser()];
      const [browser, bearer] = [await service.login(ann), await service.bearer(bob)];
      const userOf = async (text: Promise<{ text: string }>): Promise<unknown> =>
        (JSON.parse((await text).text) as { user: unknown }).user;
      for (const method of ['GET', 'POST']) {
        t.same(await userOf(browser.send(method, '/mine')), ann);
        t.same(await userOf(service.send(method, '/mine', bearer)), bob);
        t.same(await userOf(browser.send(method, '/mine', bearer)), bob, 'with both');
      }
      t.same(
        service.internals.auths.map((auth) => auth?.userId),
        [ann, bob, bob, ann, bob, bob],
      );
    });

    suite.test('A12: a bad header is refused even with a good cookie', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      for (const authorization of badHeaders) {
        t.isRefusal(await browser.send('GET', '/mine', { authorization }), 401, 'invalid_token');
        t.isRefusal(await browser.send('GET', '/anyone', { authorization }), 401, 'invalid_token');
      }
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });

    suite.test('a scheme that is not ours does not hide the cookie', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      const authorization = 'Basic YTpi';
      t.hasStatus(await browser.send('GET', '/mine', { authorization }), 200);
      t.isRefusal(await service.send('GET', '/mine', { authorization }), 401, 'no_session');
      t.hasStatus(await browser.send('POST', '/auth/logout', { authorization }), 204);
      t.same(await browser.cookieCount(), 0);
    });

    suite.test('a good token followed by anything is refused', async (t) => {
      const service = await t.serve();
      const { authorization } = await service.bearer();
      for (const rest of [' x', ',', ', Bearer a', '; charset=utf-8', '\u00a0', '=x']) {
        const response = await service.send('GET', '/mine', {
          authorization: authorization + rest,
        });
        t.isRefusal(response, 401, 'invalid_token', JSON.stringify(rest));
      }
      for (const scheme of ['bearer', 'BEARER', 'Bearer ']) {
        const header = authorization.replace('Bearer', scheme);
        t.hasStatus(await service.send('GET', '/mine', { authorization: header }), 200, scheme);
      }
    });

    suite.test('two Authorization headers are refused', async (t) => {
      const service = await t.serve();
      const { authorization } = await service.bearer();
      const send = (...headers: string[]) =>
        service.send('GET', '/mine', ['host', 'a', ...headers]);
      t.hasStatus(await send('authorization', authorization), 200);
      const twice = await send('authorization', authorization, 'Authorization', authorization);
      t.isRefusal(twice, 401, 'invalid_token');
      const basic = await send('authorization', authorization, 'authorization', 'Basic x');
      t.isRefusal(basic, 401, 'invalid_token');
    });

    suite.test('CK-06: two cookies with the same name are refused and emit an event', async (t) => {
      const service = await t.serve();
      const token = await (await service.login()).accessToken();
      const send = (...headers: string[]) =>
        service.send('GET', '/mine', ['host', 'a', ...headers]);
      // Several lines of the Cookie header are one list (RFC 9113 § 8.2.3).
      t.hasStatus(await send('cookie', `access_token=${token}`, 'cookie', 'a=b'), 200);
      service.internals.store.calls = [];
      service.internals.events.length = 0;
      const good = `access_token=${token}`;
      for (const cookies of [
        [`${good}; ${good}`],
        [`access_token=x; ${good}`],
        [`${good};access_token`, `access_token=`],
        [good, 'access_token=x'],
      ]) {
        const response = await send(...cookies.flatMap((cookie) => ['cookie', cookie]));
        t.isRefusal(response, 401, 'invalid_token');
      }
      const kinds = service.internals.events.map(({ type }) => type);
      t.same(kinds, [
        'cookie.duplicated',
        'cookie.duplicated',
        'cookie.duplicated',
        'cookie.duplicated',
      ]);
      t.same(service.internals.store.calls, []);
    });

    suite.test('CK-05: a cookie with a similar name is ignored', async (t) => {
      const service = await t.serve();
      const token = await (await service.login()).accessToken();
      const names = [
        'Access_Token',
        '__Host-access_token',
        'access_token ',
        '\u00a0access_token',
        'access%5Ftoken',
        'refresh_token',
        '$Version=1; $access_token',
      ];
      for (const name of names) {
        const cookie = Buffer.from(`${name}=${token}`, 'latin1').toString('latin1');
        const response = await service.send('GET', '/mine', { cookie });
        if (name === 'access_token ') t.hasStatus(response, 200, 'a trailing space is trimmed');
        else t.isRefusal(response, 401, 'no_session', name);
      }
    });
  });

const badHeaders = [
  '',
  'Bearer',
  'Bearer  ',
  'Bearer a b',
  'Bearer a,b',
  'Bearer a, Bearer b',
  'Bearer\ta',
  'DPoP a',
  'Bearer a',
  `Bearer ${'a'.repeat(9_000)}`,
];
