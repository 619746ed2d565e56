import { createHash } from 'node:crypto';
import type { BindingSuite } from '../harness/binding-suite.ts';
import { newUser, type Service } from '../harness/service.ts';

const clientSecret = 'a secret of a resource server: 0123456789abcdef';
const digest = createHash('sha256').update(clientSecret).digest('base64url');
const http = { oauth: { clients: { api: digest } } };

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const basic = { authorization: `Basic ${btoa(`api:${encodeURIComponent(clientSecret)}`)}` };

const ask = (service: Service, path: string, token: string, headers: object = basic) =>
  service.send('POST', path, { ...form, ...headers }, `token=${encodeURIComponent(token)}`);

/** Token revocation and introspection (RFC 7009, RFC 7662; SECURITY § 5). */
export const registerOAuth = (suite: BindingSuite): void =>
  suite.group('oauth', () => {
    suite.test(
      'RV-01: revoking an unknown token gets the same response as revoking a valid one',
      async (t) => {
        const service = await t.serve({ http });
        const { accessToken, refreshToken } = await service.internals.sessions.create({
          userId: newUser(),
        });
        for (const token of [
          'x',
          `${refreshToken.slice(0, -1)}~`,
          refreshToken,
          refreshToken,
          accessToken,
        ]) {
          const response = await ask(service, '/auth/revoke', token);
          t.same([response.status, response.text, response.cookies], [200, '', []]);
        }
        // RV-03: revoking a refresh token ends the session.
        const bearer = { authorization: `Bearer ${accessToken}` };
        t.isRefusal(await service.send('GET', '/mine', bearer), 401, 'session_revoked');
      },
    );

    suite.test('RV-01, RV-05: only clients may revoke and introspect', async (t) => {
      const service = await t.serve({ http });
      const { accessToken } = await service.internals.sessions.create({ userId: newUser() });
      const bad = { authorization: `Basic ${btoa('api:wrong')}` };
      for (const path of ['/auth/revoke', '/auth/introspect']) {
        for (const headers of [{}, bad, { authorization: `Bearer ${accessToken}` }]) {
          const response = await ask(service, path, accessToken, headers);
          t.hasStatus(response, 401);
          t.same(response.headers['www-authenticate']?.startsWith('Basic'), true);
        }
      }
      const bearer = { authorization: `Bearer ${accessToken}` };
      t.hasStatus(await service.send('GET', '/mine', bearer), 200, 'nothing was revoked');
    });

    suite.test('RV-02: a failing store is 503, never 200', async (t) => {
      const service = await t.serve({ http });
      const { accessToken, refreshToken } = await service.internals.sessions.create({
        userId: newUser(),
      });
      service.internals.store.down = true;
      t.hasStatus(await ask(service, '/auth/revoke', refreshToken), 503);
      t.hasStatus(await ask(service, '/auth/introspect', accessToken), 503);
    });

    suite.test('RV-05: an inactive token has exactly one response', async (t) => {
      const service = await t.serve({ http });
      const { sessions } = service.internals;
      const userId = newUser();
      const { accessToken, sessionId } = await sessions.create({ userId });
      const active = JSON.parse(
        (await ask(service, '/auth/introspect', accessToken)).text,
      ) as object;
      t.same({ ...active, sub: userId, active: true }, active);
      await sessions.revoke(sessionId);
      const expired = await sessions.create({ userId });
      await service.internals.wait(3_600_000);
      for (const token of ['x', accessToken, expired.accessToken, `${accessToken}A`]) {
        const response = await ask(service, '/auth/introspect', token);
        t.same([response.status, response.text], [200, '{"active":false}']);
      }
    });
  });
