import type { BindingSuite } from '../harness/binding-suite.ts';
import type { HttpResponse } from '../harness/exchange.ts';
import { localOrigin } from '../harness/service.ts';
import { callsOf, rotateAfter, serveSession, sessionToken, tokensSet } from './session-service.ts';

/** When a session cookie is replaced, and by what. The store's clock must be injected. */
export const registerCookieRotation = (suite: BindingSuite): void =>
  suite.group('session cookie rotation', () => {
    suite.test(
      'any request rotates a cookie that is ten minutes old, and none before',
      async (t) => {
        const service = await serveSession(t);
        const browser = await service.login();
        for (let turn = 0; turn < 10; turn++) {
          await service.internals.wait(rotateAfter - 1);
          t.same((await browser.send('GET', '/mine')).cookies, []);
          await service.internals.wait(1);
          const before = await sessionToken(browser);
          const path = ['/mine', '/anyone', '/auth/session', '/auth/sessions'][turn % 4] ?? '';
          const response = await browser.send('GET', path);
          t.hasStatus(response, 200, path);
          t.same(tokensSet(response.cookies).length, 1, path);
          t.same((await sessionToken(browser)) === before, false);
        }
      },
    );

    suite.test('a rotation is two store calls', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      await browser.send('GET', '/mine');
      await service.internals.wait(rotateAfter);
      await service.internals.sessions.drain();
      service.internals.store.calls = [];
      t.same((await browser.send('GET', '/mine')).cookies.length, 1);
      await service.internals.sessions.drain();
      const calls = service.internals.store.calls.filter((one) => one !== 'sessions.touch');
      t.same(calls, ['sessions.find', 'sessions.rotate']);
    });

    suite.test('twenty parallel requests are one rotation, and all go on', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      await service.internals.wait(rotateAfter);
      const cookie = await browser.cookieHeader('/mine');
      service.internals.events.length = 0;
      const responses = await Promise.all(
        Array.from({ length: 20 }, () => service.send('GET', '/mine', { cookie })),
      );
      t.same(new Set(responses.map(({ status }) => status)), new Set([200]));
      const successors = new Set(responses.flatMap(({ cookies }) => tokensSet(cookies)));
      t.same(successors.size, 1);
      const rotated = service.internals.events.filter(({ type }) => type === 'session.rotated');
      t.same(rotated.length, 1);
      const [successor] = successors;
      const next = { cookie: `session=${successor}` };
      t.hasStatus(await service.send('GET', '/mine', next), 200);
      // The rest of the page load: the successor is in use, so it is not handed out again.
      const late = await service.send('GET', '/mine', { cookie });
      t.hasStatus(late, 200);
      t.same(late.cookies, []);
    });

    suite.test('a lost response does no harm, whenever the browser comes back', async (t) => {
      for (const pause of [0, 60_000, 86_400_000]) {
        const service = await serveSession(t);
        const browser = await service.login();
        await service.internals.wait(rotateAfter);
        const cookie = await browser.cookieHeader('/mine');
        const lost = tokensSet((await service.send('GET', '/mine', { cookie })).cookies);
        await service.internals.wait(pause);
        const response = await browser.send('GET', '/mine');
        t.hasStatus(response, 200, `after ${pause} ms`);
        t.same(tokensSet(response.cookies), lost);
        t.hasStatus(await browser.send('GET', '/mine'), 200);
      }
    });

    suite.test(
      'a copied cookie ends the session, with the owner ahead and with the thief ahead',
      async (t) => {
        for (const ahead of ['owner', 'thief']) {
          const service = await serveSession(t);
          const browser = await service.login();
          const thief = { cookie: await browser.cookieHeader('/mine') };
          const use = async (who: string): Promise<HttpResponse> => {
            if (who === 'owner') return browser.send('GET', '/mine');
            const response = await service.send('GET', '/mine', thief);
            const [token] = tokensSet(response.cookies);
            if (token !== undefined) thief.cookie = `session=${token}`;
            return response;
          };
          for (let turn = 0; turn < 2; turn++) {
            await service.internals.wait(rotateAfter);
            await use(ahead);
            await use(ahead);
          }
          const behind = await use(ahead === 'owner' ? 'thief' : 'owner');
          t.isRefusal(behind, 401, 'session_revoked', `${ahead} is ahead`);
          t.same(behind.cookies.length, 1);
          t.isRefusal(await use(ahead), 401, 'session_revoked');
          const alarms = service.internals.events.filter(({ type }) => type === 'reuse.detected');
          t.same(alarms.length, 1);
        }
      },
    );

    suite.test('RT-13: a late response carries no cookie, and the next one does', async (t) => {
      const held: { wait: () => Promise<void> } = { wait: async () => {} };
      const service = await serveSession(t, { mount: { beforeResponse: () => held.wait() } });
      const browser = await service.login();
      await service.internals.wait(rotateAfter);
      held.wait = () => service.internals.wait(rotateAfter / 2 + 1);
      const late = await browser.send('GET', '/cached');
      t.hasStatus(late, 200);
      t.same(late.cookies, []);
      held.wait = async () => {};
      t.same((await browser.send('GET', '/cached')).cookies.length, 1);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });

    suite.test('a prefetch and a WebSocket do not rotate', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      await service.internals.wait(rotateAfter);
      service.internals.store.calls = [];
      const prefetch = await browser.send('GET', '/mine', { 'sec-purpose': 'prefetch;prerender' });
      t.hasStatus(prefetch, 200);
      const purpose = await browser.send('GET', '/mine', { purpose: 'prefetch' });
      t.same([...prefetch.cookies, ...purpose.cookies], []);
      const upgrade = await browser.send('GET', '/socket', {
        connection: 'upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      });
      t.hasStatus(upgrade, 101);
      t.same(callsOf(service, 'sessions.rotate'), 0);
      t.same((await browser.send('GET', '/mine')).cookies.length, 1);
    });

    suite.test('a cookie is rotated within `maxStaleness` as well', async (t) => {
      const service = await serveSession(t, { core: { maxStaleness: 30_000 } });
      const browser = await service.login();
      t.hasStatus(await browser.send('GET', '/mine'), 200);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
      await service.internals.sessions.drain();
      service.internals.store.calls = [];
      t.hasStatus(await browser.send('GET', '/mine'), 200);
      t.same(service.internals.store.calls, []);
      await service.internals.wait(rotateAfter);
      t.same((await browser.send('GET', '/mine')).cookies.length, 1);
    });

    suite.test('a logout and a step-up of a rotating request have the last word', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      await service.internals.wait(rotateAfter);
      t.same((await browser.send('POST', '/elevate')).cookies.length, 1);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
      await service.internals.wait(rotateAfter);
      const [{ id }] = JSON.parse((await browser.send('GET', '/auth/sessions')).text) as [
        { id: string },
      ];
      await service.internals.wait(rotateAfter);
      const response = await browser.send('DELETE', `/auth/sessions/${id}`);
      t.hasStatus(response, 204);
      t.same(response.cookies.length, 1);
      t.same(await browser.cookieCount(), 0);
    });

    suite.test('a session that has ended clears its cookie', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login('ann');
      await service.internals.sessions.revokeAll('ann');
      const refused = await browser.send('GET', '/mine');
      t.isRefusal(refused, 401, 'session_revoked');
      t.same(await browser.cookieCount(), 0);
      const other = await service.login('ann');
      await service.internals.sessions.revokeAll('ann');
      const anonymous = await other.send('GET', '/anyone');
      t.same([anonymous.status, anonymous.headers['cache-control']], [200, 'no-store']);
      t.same(await other.cookieCount(), 0);
    });

    suite.test('CS-01: another site can neither rotate nor use it', async (t) => {
      const service = await serveSession(t);
      const browser = await service.login();
      await service.internals.wait(rotateAfter);
      service.internals.store.calls = [];
      const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
      t.isRefusal(await browser.send('POST', '/mine', evil), 403, 'csrf_violation');
      t.isRefusal(await browser.send('POST', '/auth/refresh', evil), 403, 'csrf_violation');
      t.same(service.internals.store.calls, []);
      t.hasStatus(await browser.send('POST', '/mine', { origin: localOrigin }), 200);
    });
  });
