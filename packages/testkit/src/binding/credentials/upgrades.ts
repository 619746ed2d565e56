import type { BindingSuite, BindingTrial } from '../harness/binding-suite.ts';
import type { HttpResponse } from '../harness/exchange.ts';
import { localOrigin, type Service } from '../harness/service.ts';

const handshake = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

const open = (service: Service, headers: Readonly<Record<string, string>>) =>
  service.send('GET', '/socket', { ...handshake, ...headers });

/** Some servers answer a refused upgrade without a body, and without our headers. */
const refused = (t: BindingTrial, response: HttpResponse, status: number, error: string): void =>
  response.text === '' ? t.hasStatus(response, status) : t.isRefusal(response, status, error);

/** WebSockets: browsers send cookies with them, and no preflight (CS-07). */
export const registerUpgrades = (suite: BindingSuite): void =>
  suite.group('upgrades', () => {
    suite.test('a socket opens for who is known, by header and by cookie', async (t) => {
      const service = await t.serve();
      const cookie = await (await service.login()).cookieHeader('/socket');
      t.hasStatus(await open(service, await service.bearer()), 101);
      t.hasStatus(await open(service, { cookie, origin: localOrigin }), 101);
    });

    suite.test('CS-07: another page’s socket is refused, although GET is safe', async (t) => {
      const service = await t.serve();
      const cookie = await (await service.login()).cookieHeader('/socket');
      for (const origin of ['https://evil.example', 'null', 'http://localhost:8081']) {
        refused(t, await open(service, { cookie, origin }), 403, 'csrf_violation');
      }
      refused(t, await open(service, { cookie }), 403, 'csrf_violation');
    });

    suite.test('who is not known, or not any more, is refused', async (t) => {
      const service = await t.serve();
      refused(t, await open(service, {}), 401, 'no_session');
      refused(t, await open(service, { authorization: 'Bearer x' }), 401, 'invalid_token');
      const browser = await service.login();
      const headers = { cookie: await browser.cookieHeader('/socket'), origin: localOrigin };
      service.internals.store.down = true;
      refused(t, await open(service, headers), 503, 'unavailable');
      service.internals.store.down = false;
      await browser.send('POST', '/auth/logout');
      refused(t, await open(service, headers), 401, 'session_revoked');
    });
  });
