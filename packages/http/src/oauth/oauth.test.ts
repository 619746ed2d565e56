import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jwtAccessTokens } from '@pawl/core/jwt';
import * as oauth from 'oauth4webapi';
import { describe, expect, test } from 'vitest';
import { setUpTokens } from '../../test/access-tokens.ts';
import { origin, type Setting, setUp, told } from '../../test/fixture.ts';
import { createHttp } from '../http.ts';
import { nodeRequest } from '../node/request.ts';
import { sendNode } from '../node/response.ts';
import type { HttpOptions } from '../options.ts';
import type { HttpResponse } from '../response.ts';

const secret = 'a client secret: with +, %, é and a colon';
const digest = createHash('sha256').update(secret).digest('base64url');
const clients = { 'api one': digest, other: createHash('sha256').update('o').digest('base64url') };
const format = jwtAccessTokens({ issuer: 'https://a.example', audience: 'a' });

/** Serves the routes on a socket, for a client of another project. */
const listen = async (options: Partial<HttpOptions<never, never>> = {}, core = {}) => {
  const setting = setUp({ oauth: { clients }, ...(options as object) }, core);
  const server = createServer((request, response) => {
    void (async () => {
      const view = nodeRequest(request);
      const route = setting.http.routes.find(({ path }) => path === view.path);
      sendNode(response, await (route?.handle(view, {}) as Promise<HttpResponse>));
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const as: oauth.AuthorizationServer = {
    issuer: url,
    revocation_endpoint: `${url}/auth/revoke`,
    introspection_endpoint: `${url}/auth/introspect`,
  };
  const insecure = { [oauth.allowInsecureRequests]: true };
  const client: oauth.Client = { client_id: 'api one' };
  const basic = oauth.ClientSecretBasic(secret);
  return {
    ...setting,
    revoke: async (token: string, auth = basic, from = client) =>
      oauth.processRevocationResponse(
        await oauth.revocationRequest(as, from, auth, token, insecure),
      ),
    introspect: async (token: string, auth = basic, from = client) =>
      oauth.processIntrospectionResponse(
        as,
        from,
        await oauth.introspectionRequest(as, from, auth, token, insecure),
      ),
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const asked = (setting: Pick<Setting, 'send'>, path: string, form: Record<string, string>) =>
  setting.send(
    'POST',
    path,
    { 'content-type': 'application/x-www-form-urlencoded' },
    new URLSearchParams({ client_id: 'other', client_secret: 'o', ...form }).toString(),
  );

describe('with a client of another project (oauth4webapi)', () => {
  test.each([
    ['opaque tokens', {}],
    ['JWTs', { accessToken: format, revocationCheck: 'none' }],
  ])('RV-03: revoking a refresh token also revokes its access tokens: %s', async (_, core) => {
    await using server = await listen({}, core);
    const ann = await server.browser('ann');
    const bob = await server.browser('bob');
    for (const auth of [oauth.ClientSecretBasic(secret), oauth.ClientSecretPost(secret)]) {
      expect(await server.introspect(ann.access, auth)).toMatchObject({
        active: true,
        sub: 'ann',
        sid: ann.sessionId,
        exp: expect.any(Number) as number,
        token_type: 'Bearer',
      });
    }
    await server.revoke(ann.refresh);
    await server.revoke(ann.refresh, oauth.ClientSecretPost(secret));
    expect(await server.introspect(ann.access)).toStrictEqual({ active: false });
    await expect(server.sessions.refresh(ann.refresh)).rejects.toMatchObject({
      code: 'ERR_SESSION_REVOKED',
    });
    expect(await server.introspect(bob.access)).toMatchObject({ active: true, sub: 'bob' });
    await server.revoke(bob.access);
    expect(await server.sessions.list('bob')).toEqual([]);
  });

  test('RV-01: a client that cannot authenticate is refused, and nothing is revoked', async () => {
    await using server = await listen();
    const ann = await server.browser('ann');
    for (const auth of [
      oauth.ClientSecretBasic('x'),
      oauth.ClientSecretPost('x'),
      oauth.ClientSecretBasic('o'),
    ]) {
      for (const ask of [server.revoke, server.introspect]) {
        await expect(ask(ann.access, auth)).rejects.toMatchObject({
          status: 401,
          cause: [{ scheme: 'basic', parameters: { realm: 'oauth' } }],
        });
      }
    }
    const unknown = { client_id: 'nobody' };
    const auth = oauth.ClientSecretBasic(secret);
    await expect(server.revoke(ann.access, auth, unknown)).rejects.toMatchObject({ status: 401 });
    expect(await server.sessions.list('ann')).toHaveLength(1);
  });

  test('RV-02: a failed store is 503', async () => {
    await using server = await listen();
    const ann = await server.browser('ann');
    server.store.down = true;
    await expect(server.revoke(ann.refresh)).rejects.toHaveProperty('cause.status', 503);
    await expect(server.introspect(ann.access)).rejects.toHaveProperty('cause.status', 503);
    server.store.down = false;
    await server.revoke(ann.refresh);
  });
});

test('RV-01, RV-05: unknown, foreign, expired and revoked tokens have the same response, byte for byte', async () => {
  const setting = setUp({ oauth: { clients } });
  const { browser, sessions, wait } = setting;
  const revoked = await browser('ann');
  await sessions.revoke(revoked.sessionId);
  const foreign = await setUp(
    {},
    { secrets: ['another root secret, of as many random bytes'] },
  ).browser('ann');
  const live = await browser('ann');
  const { accessToken: ofOne, refreshToken: alsoOfOne } = await sessions.create({
    userId: 'ann',
    clientId: 'api one',
  });
  const inactive = ['garbage', revoked.access, foreign.access, foreign.refresh, live.refresh];
  for (const token of inactive) {
    expect(told(await asked(setting, '/auth/introspect', { token }))).toEqual({
      status: 200,
      headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
      cookies: [],
      body: { active: false },
    });
  }
  const ended = told(await asked(setting, '/auth/revoke', { token: live.refresh }));
  expect(ended).toEqual({
    status: 200,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
    cookies: [],
    body: undefined,
  });
  for (const token of [
    'garbage',
    revoked.refresh,
    foreign.access,
    foreign.refresh,
    ofOne,
    alsoOfOne,
  ]) {
    expect(told(await asked(setting, '/auth/revoke', { token }))).toEqual(ended);
  }
  // A client cannot revoke another client's session.
  expect(await sessions.verify(ofOne)).toMatchObject({ clientId: 'api one' });
  const own = { token: alsoOfOne, client_id: 'api one', client_secret: secret };
  expect(told(await asked(setting, '/auth/revoke', own))).toEqual(ended);
  await expect(sessions.verify(ofOne)).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' });
  const old = await browser('ann');
  wait(700_000);
  expect(await asked(setting, '/auth/introspect', { token: old.access })).toMatchObject({
    body: { active: false },
  });
  await asked(setting, '/auth/revoke', { token: old.access });
  await expect(sessions.get(old.sessionId)).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' });
});

test('an API key can be introspected and revoked', async () => {
  const setting = setUp({ oauth: { clients } });
  const { apiKey, keyId } = await setting.apiKeys.create({ userId: 'ann', name: 'ci' });
  expect((await asked(setting, '/auth/introspect', { token: apiKey })).body).toEqual({
    active: true,
    sub: 'ann',
    jti: keyId,
    token_type: 'Bearer',
  });
  for (const _ of [1, 2]) {
    expect(await asked(setting, '/auth/revoke', { token: apiKey })).toMatchObject({ status: 200 });
  }
  expect(await asked(setting, '/auth/introspect', { token: apiKey })).toMatchObject({
    body: { active: false },
  });
});

test.each<[string, number, Record<string, string>, string]>([
  ['no client', 401, {}, 'token=x'],
  ['no secret', 401, {}, 'token=x&client_id=other'],
  ['an empty secret', 401, {}, 'token=x&client_id=other&client_secret='],
  ['another scheme', 401, { authorization: 'Bearer x' }, 'token=x'],
  ['no colon', 401, { authorization: `Basic ${btoa('other')}` }, 'token=x'],
  ['no base64', 401, { authorization: 'Basic %' }, 'token=x'],
  ['a broken escape', 401, { authorization: `Basic ${btoa('other:%')}` }, 'token=x'],
  ['two ids', 401, { authorization: `Basic ${btoa('other:o')}` }, 'token=x&client_id=a'],
  ['two ways', 400, { authorization: `Basic ${btoa('other:o')}` }, 'token=x&client_secret=o'],
  ['no token', 400, { authorization: `Basic ${btoa('other:o')}` }, ''],
  ['two tokens', 400, { authorization: `Basic ${btoa('other:o')}` }, 'token=x&token=y'],
  ['JSON', 415, { 'content-type': 'application/json' }, '{}'],
  ['too long', 413, {}, `token=${'x'.repeat(9_000)}`],
  ['good', 200, { authorization: `basic ${btoa('other:o')}` }, 'token=x&client_id=other'],
])('a request with %s is %i, and costs no store call', async (_, status, headers, body) => {
  const { send, store } = setUp({ oauth: { clients } });
  const type = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' };
  for (const path of ['/auth/revoke', '/auth/introspect']) {
    const response = await send('POST', path, { ...type, ...headers }, body);
    expect(response.status).toBe(status);
    if (status !== 401) continue;
    expect(response).toMatchObject({
      headers: { 'www-authenticate': 'Basic realm="oauth", charset="UTF-8"' },
      body: { error: 'invalid_client' },
    });
  }
  expect(store.calls).toBe(0);
});

test('a callback accepts with true only, and what it throws is rethrown', async () => {
  for (const answer of [false, undefined, 'yes', 1]) {
    const setting = setUp({ oauth: { clients: () => answer as boolean } });
    expect(await asked(setting, '/auth/introspect', { token: 'x' })).toMatchObject({ status: 401 });
  }
  const failing = setUp({
    oauth: {
      clients: async () => {
        throw new Error('no directory');
      },
    },
  });
  await expect(asked(failing, '/auth/revoke', { token: 'x' })).rejects.toThrow('no directory');
});

test('without sessions: introspection, and revocation with a blocklist', async () => {
  const oauthOptions = { oauth: { clients } };
  expect(() => setUpTokens({}, oauthOptions)).toThrow(
    expect.objectContaining({ option: 'oauth.revocation' }),
  );
  const setting = setUpTokens({ checked: true }, oauthOptions);
  const { tokens } = (await setting.login()) as { tokens: { accessToken: string } };
  const token = { token: tokens.accessToken };
  expect(await asked(setting, '/auth/introspect', token)).toMatchObject({
    body: { active: true, sub: 'ann', client_id: 'a' },
  });
  expect(await asked(setting, '/auth/revoke', token)).toMatchObject({ status: 200 });
  expect((await asked(setting, '/auth/introspect', token)).body).toEqual({ active: false });
  setting.store.down = true;
  expect(await asked(setting, '/auth/revoke', token)).toMatchObject({ status: 503 });
});

test.each<[string, object]>([
  ['oauth', { clients, revocation: false, introspection: false }],
  ['oauth.clients', { clients: {} }],
  ['oauth.clients', {}],
  ['oauth.clients.a', { clients: { a: 'a secret as it is' } }],
])('A16: contradicting options name %s', (option, options) => {
  const { sessions } = setUp();
  expect(() => createHttp({ sessions, origin, oauth: options as never })).toThrow(
    expect.objectContaining({ option }),
  );
});

test('neither exists unless it is enabled', () => {
  const names = (options: object): string[] => setUp(options).http.routes.map(({ name }) => name);
  expect(names({})).not.toContain('revocation');
  expect(names({})).not.toContain('introspection');
  expect(names({ oauth: { clients, revocation: false } })).not.toContain('revocation');
  expect(names({ oauth: { clients, introspection: false } })).not.toContain('introspection');
});
