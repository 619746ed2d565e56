import { RefreshRefusedError } from '@pawl/core';
import type { BindingSuite } from '../harness/binding-suite.ts';
import { jsonHeaders } from '../harness/exchange.ts';
import { bugMessage } from '../harness/serve.ts';
import { newUser, type Service } from '../harness/service.ts';

const inBody = (service: Service, token: string) =>
  service.send('POST', '/auth/refresh', jsonHeaders, JSON.stringify({ refresh_token: token }));

/** The route `POST /refresh`. */
export const registerRefresh = (suite: BindingSuite): void =>
  suite.group('refresh', () => {
    suite.test('a browser gets new cookies and no token in the body', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      const before = [await browser.accessToken(), await browser.refreshToken()];
      const response = await browser.send('POST', '/auth/refresh');
      t.same([response.status, response.cookies.length], [200, 2]);
      t.same(Object.keys(JSON.parse(response.text) as object), ['expires_in']);
      t.same(before.includes(await browser.refreshToken()), false);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });

    suite.test('a refresh needs no access token', async (t) => {
      const service = await t.serve();
      const browser = await service.login();
      await service.internals.wait(3_600_000);
      t.hasStatus(await browser.send('GET', '/mine'), 401);
      const cookie = `refresh_token=${await browser.refreshToken()}`;
      t.hasStatus(await browser.send('POST', '/auth/refresh', { cookie }), 200);
      t.hasStatus(await browser.send('GET', '/mine'), 200);
    });

    suite.test('a program gets tokens in the body and no cookie', async (t) => {
      for (const parseBodies of [false, true]) {
        const service = await t.serve({ mount: { parseBodies } });
        const { refreshToken } = await service.internals.sessions.create({ userId: newUser() });
        const response = await inBody(service, refreshToken);
        t.same([response.status, response.cookies], [200, []]);
        const body = JSON.parse(response.text) as Record<string, string>;
        const keys = ['access_token', 'expires_in', 'refresh_token', 'token_type'];
        t.same(Object.keys(body).toSorted(), keys);
        const bearer = { authorization: `Bearer ${body['access_token']}` };
        t.hasStatus(await service.send('POST', '/mine', bearer), 200);
        t.hasStatus(await inBody(service, body['refresh_token'] ?? ''), 200);
      }
    });

    suite.test(
      'A17: a bad body is 400, 413 or 415, also if the application parses bodies',
      async (t) => {
        for (const parseBodies of [false, true]) {
          const service = await t.serve({ mount: { parseBodies } });
          const send = (headers: Record<string, string>, body?: string) =>
            service.send('POST', '/auth/refresh', headers, body);
          const long = JSON.stringify({ refresh_token: 'x'.repeat(9_000) });
          t.isRefusal(await send({}), 400, 'invalid_request');
          t.isRefusal(await send(jsonHeaders, '{}'), 400, 'invalid_request');
          t.isRefusal(await send(jsonHeaders, '{"refresh_token":7}'), 400, 'invalid_request');
          t.isRefusal(await send(jsonHeaders, '[]'), 400, 'invalid_request');
          t.isRefusal(
            await send({ 'content-type': 'text/plain' }, '{}'),
            415,
            'unsupported_media_type',
          );
          const form = { 'content-type': 'application/x-www-form-urlencoded' };
          t.isRefusal(await send(form, 'grant_type=refresh_token'), 400, 'invalid_request');
          t.isRefusal(await send(jsonHeaders, long), 413, 'payload_too_large');
          const chunked = { ...jsonHeaders, 'transfer-encoding': 'chunked' };
          t.isRefusal(await send(chunked, long), 413, 'payload_too_large');
          // The application's parser rejects what it cannot read before Pawl sees it.
          if (parseBodies) continue;
          t.isRefusal(await send(chunked, long.repeat(99)), 413, 'payload_too_large');
          t.isRefusal(await send(jsonHeaders, '{'), 400, 'invalid_request');
          t.isRefusal(await send(jsonHeaders, '"x"'), 400, 'invalid_request');
          t.isRefusal(await send({}, '{"refresh_token":"x"}'), 415, 'unsupported_media_type');
          const packed = { ...jsonHeaders, 'content-encoding': 'gzip' };
          t.isRefusal(await send(packed, '{}'), 415, 'unsupported_media_type');
        }
      },
    );

    suite.test(
      'A18: every invalid refresh token gets the same response, byte for byte',
      async (t) => {
        const service = await t.serve({ core: { preset: 'strict' } });
        const { sessions } = service.internals;
        const create = () => sessions.create({ userId: newUser() });
        const [revoked, consumed, good] = [await create(), await create(), await create()];
        await sessions.revoke(revoked.sessionId);
        await sessions.refresh(consumed.refreshToken);
        const received: string[] = [];
        for (const token of [
          revoked.refreshToken,
          consumed.refreshToken,
          `${good.refreshToken.slice(0, -1)}~`,
          good.refreshToken.slice(0, -4),
          good.accessToken,
          'x',
        ]) {
          const response = await inBody(service, token);
          t.isRefusal(response, 401, 'invalid_grant');
          received.push(JSON.stringify({ ...response.headers, date: '', text: response.text }));
        }
        t.same(received, Array(received.length).fill(received[0]));
        t.hasStatus(await inBody(service, good.refreshToken), 200);
      },
    );

    suite.test('A18: a refused refresh clears no cookie', async (t) => {
      const service = await t.serve();
      const user = newUser();
      const browser = await service.login(user);
      await service.internals.sessions.revokeAll(user);
      const response = await browser.send('POST', '/auth/refresh');
      t.isRefusal(response, 401, 'invalid_grant');
      t.same(response.cookies, []);
    });

    suite.test(
      'a refresh that the application refuses is the same 401 and does not consume the token',
      async (t) => {
        const failures = [
          new RefreshRefusedError('the account is locked'),
          new TypeError(bugMessage),
        ];
        const core = {
          authorizeRefresh: () => {
            const failure = failures.shift();
            if (failure) throw failure;
          },
        };
        const service = await t.serve({ core });
        const browser = await service.login();
        t.isRefusal(await browser.send('POST', '/auth/refresh'), 401, 'invalid_grant');
        // FC-01: an error in the hook does not grant the refresh either.
        t.hasStatus(await browser.send('POST', '/auth/refresh'), 500);
        t.hasStatus(await browser.send('POST', '/auth/refresh'), 200);
      },
    );
  });
