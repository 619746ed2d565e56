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

/** Checks a refused upgrade. Some servers send it without a body and without Pawl's headers. */
const expectRefusedUpgrade = (
  t: BindingTrial,
  response: HttpResponse,
  status: number,
  error: string,
): void =>
  response.text === '' ? t.hasStatus(response, status) : t.isRefusal(response, status, error);

/** WebSockets: browsers send cookies with them, and no preflight request (CS-07). */
export const registerUpgrades = (suite: BindingSuite): void =>
  suite.group('upgrades', () => {
    suite.test('a socket opens for a user with a header or a cookie', async (t) => {
      const service = await t.serve();
      const cookie = await (await service.login()).cookieHeader('/socket');
      t.hasStatus(await open(service, await service.bearer()), 101);
      t.hasStatus(await open(service, { cookie, origin: localOrigin }), 101);
    });

    suite.test(
      'CS-07: a socket from another site is refused, although its method is GET',
      async (t) => {
        const service = await t.serve();
        const cookie = await (await service.login()).cookieHeader('/socket');
        for (const origin of ['https://evil.example', 'null', 'http://localhost:8081']) {
          expectRefusedUpgrade(t, await open(service, { cookie, origin }), 403, 'csrf_violation');
        }
        t.hasStatus(await open(service, { cookie }), 101, 'a program sends no origin');
      },
    );

    suite.test('a socket without a valid credential is refused', async (t) => {
      const service = await t.serve();
      expectRefusedUpgrade(t, await open(service, {}), 401, 'no_session');
      expectRefusedUpgrade(
        t,
        await open(service, { authorization: 'Bearer x' }),
        401,
        'invalid_token',
      );
      const browser = await service.login();
      const headers = { cookie: await browser.cookieHeader('/socket'), origin: localOrigin };
      service.internals.store.down = true;
      expectRefusedUpgrade(t, await open(service, headers), 503, 'unavailable');
      service.internals.store.down = false;
      await browser.send('POST', '/auth/logout');
      expectRefusedUpgrade(t, await open(service, headers), 401, 'session_revoked');
    });
  });
