import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { setUpTokens } from '../../test/access-tokens.ts';
import { json, secret, setUp } from '../../test/fixture.ts';
import { createMemoryStore } from '../../test/memory-store.ts';
import type { Http } from '../http.ts';
import type { HeaderValue } from '../request.ts';
import type { HttpResponse } from '../response.ts';

const info = { title: 'a service', version: '1.2.3' };

interface Documented {
  readonly paths: Record<string, Record<string, { responses: Record<string, Answer> }>>;
  readonly components: { readonly securitySchemes: Record<string, { name?: string }> };
}
interface Answer {
  readonly content?: Record<string, { schema: object }>;
  readonly headers?: Record<string, object>;
}

const documentOf = (http: Pick<Http<never, never>, 'openapi'>): Documented =>
  http.openapi(info) as unknown as Documented;

/** Whether an answer is one that the document foresees: status, headers, and body to the last member. */
const judge = (document: Documented) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema({ $id: 'doc', ...document });
  return (method: string, path: string, { status, body, headers }: HttpResponse): void => {
    const answer = document.paths[path]?.[method.toLowerCase()]?.responses[status];
    expect({ method, path, status, foreseen: answer !== undefined }).toMatchObject({
      foreseen: true,
    });
    const schema = answer?.content?.['application/json']?.schema;
    expect(schema !== undefined).toBe(body !== undefined);
    for (const name of ['WWW-Authenticate', 'Retry-After']) {
      if (name.toLowerCase() in headers) expect(answer?.headers).toHaveProperty(name);
    }
    if (schema === undefined) return;
    const pointer = `doc#/paths/${encodeURIComponent(path.replaceAll('/', '~1'))}/${method.toLowerCase()}/responses/${status}/content/application~1json/schema`;
    const check = ajv.compile({ $ref: pointer });
    check(JSON.parse(JSON.stringify(body)));
    expect(check.errors ?? []).toEqual([]);
  };
};

const serving = () => {
  const setting = setUp({ openapi: info });
  const holds = judge(documentOf(setting.http));
  const send = async (
    method: string,
    url: string,
    headers?: Record<string, HeaderValue>,
    body?: string,
  ): Promise<number> => {
    const response = await setting.send(method, url, headers, body);
    const path = url.replace(/\?.*/, '').replace(/(\/sessions\/).+/, '$1{id}');
    holds(method, path, response);
    return response.status;
  };
  return { ...setting, check: send };
};

describe('the document', () => {
  test.each([
    ['sessions and cookies', setUp().http],
    ['no cookies', setUp({ cookies: false, origin: undefined as never }).http],
    ['one cookie', setUp({ cookies: {} }).http],
    ['itself', setUp({ openapi: info }).http],
    ['clients', setUp({ oauth: { clients: () => true } }).http],
    ['no sessions', setUpTokens().http],
    ['no sessions, a blocklist', setUpTokens({ checked: true }).http],
  ])('is OpenAPI 3.1 of exactly the routes: %s', async (_, http) => {
    const document = http.openapi({ ...info, servers: [{ url: 'https://a.example' }] });
    const { valid, errors } = await new Validator().validate(structuredClone(document) as never);
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
    expect(document).toMatchObject({
      openapi: '3.1.1',
      info,
      servers: [{ url: 'https://a.example' }],
    });
    const documented = Object.entries(documentOf(http).paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(documented.toSorted()).toEqual(
      http.routes.map(({ method, path }) => `${method} ${path.replace(':id', '{id}')}`).toSorted(),
    );
  });

  test('C16: names the cookies that are set', () => {
    const { securitySchemes } = documentOf(
      setUp({ origin: 'https://a.example', cookies: { mode: 'pair', accessName: 'at' } }).http,
    ).components;
    expect(securitySchemes).toEqual({
      bearer: { type: 'http', scheme: 'bearer' },
      access_cookie: { type: 'apiKey', in: 'cookie', name: '__Host-at' },
      refresh_cookie: { type: 'apiKey', in: 'cookie', name: '__Host-refresh_token' },
    });
    const rotating = documentOf(setUp({ cookies: { name: 'sid' } }).http).components;
    expect(rotating.securitySchemes).toEqual({
      bearer: { type: 'http', scheme: 'bearer' },
      session_cookie: { type: 'apiKey', in: 'cookie', name: 'sid' },
    });
    const alone = documentOf(setUpTokens({}, { cookies: false, origin: undefined as never }).http);
    expect(Object.keys(alone.components.securitySchemes)).toEqual(['bearer']);
    expect(JSON.stringify(alone.paths)).not.toContain('csrf_violation');
  });

  test('is served with the option openapi only', async () => {
    const { send, http } = setUp({ openapi: info });
    expect(await send('GET', '/auth/openapi.json')).toEqual({
      status: 200,
      headers: { 'cache-control': 'public, max-age=300' },
      cookies: [],
      body: http.openapi(info),
    });
    expect(setUp().http.routes.map(({ name }) => name)).not.toContain('openapi');
  });
});

test('the document describes every response of the routes', async () => {
  const { check, browser, store, sessions, apiKeys, wait } = serving();
  const ann = await browser('ann');
  const bob = await browser('bob');
  const evil = { cookie: ann.headers['cookie'], origin: 'https://evil.example' };
  const { apiKey } = await apiKeys.create({ userId: 'ann', name: 'ci' });
  const key = { authorization: `Bearer ${apiKey}` };
  const [type, body] = json({ refresh_token: bob.refresh });
  const seen = [
    await check('GET', '/auth/openapi.json'),
    await check('GET', '/.well-known/jwks.json'),
    await check('GET', '/auth/session'),
    await check('GET', '/auth/session', ann.headers),
    await check('GET', '/auth/sessions', ann.headers),
    await check('GET', '/auth/sessions'),
    await check('GET', '/auth/sessions', key),
    await check('DELETE', '/auth/sessions', evil),
    await check('DELETE', '/auth/sessions?x', ann.headers),
    await check('DELETE', '/auth/sessions?except=current', ann.headers),
    await check('DELETE', `/auth/sessions/${bob.sessionId}`, ann.headers),
    await check('DELETE', '/auth/sessions/x', evil),
    await check('DELETE', '/auth/sessions/x', { authorization: 'Bearer' }),
    await check('POST', '/auth/refresh', ann.headers),
    await check('POST', '/auth/refresh', evil),
    await check('POST', '/auth/refresh'),
    await check('POST', '/auth/refresh', type, body),
    await check('POST', '/auth/refresh', { 'content-type': 'text/plain' }, body),
    await check('POST', '/auth/refresh', type, `"${'x'.repeat(9_000)}"`),
    await check('POST', '/auth/refresh', ...json({ refresh_token: 'x' })),
    await check('POST', '/auth/logout', evil),
    await check('POST', '/auth/logout', { authorization: 'Bearer x' }),
    await check('POST', '/auth/logout', { 'content-type': 'text/plain' }, body),
    await check('POST', '/auth/logout', type, '[]'),
    await check('POST', '/auth/logout', type, `"${'x'.repeat(9_000)}"`),
  ];
  expect(seen.join()).toBe(
    '200,200,200,200,200,401,403,403,400,204,404,403,401,' +
      '200,403,400,200,415,413,401,403,401,415,400,413',
  );
  wait(700_000);
  expect(await check('GET', '/auth/sessions', ann.headers)).toBe(401);
  const eve = await browser('eve');
  await sessions.verify((await sessions.refresh(eve.refresh)).accessToken);
  wait(30_000);
  expect(await check('POST', '/auth/refresh', eve.headers)).toBe(409);
  const zoe = await browser('zoe');
  await sessions.revoke(zoe.sessionId);
  expect(await check('GET', '/auth/sessions', zoe.headers)).toBe(401);
  const uma = await browser('uma');
  store.down = true;
  for (const [method, path] of [
    ['POST', '/auth/refresh'],
    ['POST', '/auth/logout'],
    ['GET', '/auth/session'],
    ['GET', '/auth/sessions'],
    ['DELETE', '/auth/sessions'],
    ['DELETE', '/auth/sessions/x'],
  ] as const) {
    expect(await check(method, path, uma.headers)).toBe(503);
  }
  store.down = false;
  expect(await check('POST', '/auth/logout', uma.headers)).toBe(204);
});

test('the document describes every response without sessions', async () => {
  const { http, send, login, store } = setUpTokens({ checked: true });
  const holds = judge(documentOf(http));
  const { tokens } = (await login()) as { tokens: { accessToken: string } };
  const headers = { authorization: `Bearer ${tokens.accessToken}` };
  const check = async (method: string, path: string): Promise<number> => {
    const response = await send(method, path, headers);
    holds(method, path, response);
    return response.status;
  };
  expect(await check('POST', '/auth/refresh')).toBe(404);
  expect(await check('GET', '/auth/session')).toBe(200);
  store.down = true;
  expect(await check('GET', '/auth/session')).toBe(503);
  expect(await check('POST', '/auth/logout')).toBe(503);
});

test('the document describes every response to an OAuth client', async () => {
  let known = true;
  const { http, send, browser, store } = setUp({ oauth: { clients: () => known } });
  const holds = judge(documentOf(http));
  const ann = await browser('ann');
  const check = async (path: string, body: string, type = 'application/x-www-form-urlencoded') => {
    const response = await send('POST', path, { 'content-type': type }, body);
    holds('POST', path, response);
    return response.status;
  };
  const client = 'client_id=a&client_secret=b';
  for (const path of ['/auth/introspect', '/auth/revoke']) {
    known = true;
    store.down = false;
    expect(await check(path, `${client}&token=x`)).toBe(200);
    expect(await check(path, client)).toBe(400);
    expect(await check(path, client, 'application/json')).toBe(415);
    expect(await check(path, 'x'.repeat(9_000))).toBe(413);
    store.down = true;
    expect(await check(path, `${client}&token=${ann.access}`)).toBe(503);
    known = false;
    expect(await check(path, `${client}&token=${ann.access}`)).toBe(401);
  }
  known = true;
  store.down = false;
  expect(await check('/auth/introspect', `${client}&token=${ann.access}`)).toBe(200);
});

test('the document describes 429 for a limited route', async () => {
  const rateLimits = {
    store: createMemoryStore(),
    secrets: [secret],
    routes: { session: { limit: 1, burst: 1 } },
  };
  const { http, send } = setUp({ rateLimits });
  const document = documentOf(http);
  const holds = judge(document);
  for (const status of [200, 429]) {
    const response = await send('GET', '/auth/session');
    expect(response.status).toBe(status);
    holds('GET', '/auth/session', response);
  }
  expect(document.paths['/.well-known/jwks.json']?.['get']?.responses).not.toHaveProperty('429');
  expect(documentOf(setUp().http).paths['/auth/session']?.['get']?.responses).not.toHaveProperty(
    '429',
  );
});
