import { ConfigurationError } from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import { expect, test } from 'vitest';
import { bearer, type Claims, type Data, request, setUp } from '../test/fixture.ts';
import type { GuardOptions } from './guard.ts';
import type { HeaderValue } from './request.ts';

const get = (headers: Record<string, HeaderValue>) => request('GET', '/', headers);

test('A11: missing, invalid and expired credentials have different codes', async () => {
  const { http, browser, wait } = setUp();
  const ann = await browser('ann');
  const guard = http.guard();
  expect(await guard(get({}))).toMatchObject({
    response: { status: 401, body: { error: 'no_session' } },
  });
  expect(await guard(get(bearer('x')))).toMatchObject({
    response: { status: 401, body: { error: 'invalid_token' } },
  });
  wait(600_000);
  expect(await guard(get(ann.headers))).toMatchObject({
    response: { status: 401, body: { error: 'token_expired' } },
  });
});

test('A10: API keys are accepted in the header only', async () => {
  const { http, apiKeys } = setUp();
  const { apiKey } = await apiKeys.create({ userId: 'ann', name: 'ci', claims: { admin: true } });
  expect(await http.guard()(get(bearer(apiKey)))).toMatchObject({
    auth: { userId: 'ann', sessionId: null, session: null, claims: { admin: true } },
  });
  expect(await http.guard()(get({ cookie: `access_token=${apiKey}` }))).toMatchObject({
    response: { status: 401, body: { error: 'invalid_token' } },
  });
  expect(await http.guard({ apiKeys: false })(get(bearer(apiKey)))).toMatchObject({
    response: { status: 403 },
  });
  expect(await http.guard({ maxAuthAge: 60_000 })(get(bearer(apiKey)))).toMatchObject({
    response: { status: 401, body: { error: 'step_up_required' } },
  });
});

test('an access token cannot be used as an API key, nor a refresh token as an access token', async () => {
  const { http, browser } = setUp();
  const ann = await browser('ann');
  for (const headers of [bearer(ann.refresh), { cookie: `access_token=${ann.refresh}` }]) {
    expect(await http.guard()(get(headers))).toMatchObject({ response: { status: 401 } });
  }
});

test('a predicate that returns false is 403, and what it throws is rethrown', async () => {
  const { http, sessions } = setUp();
  const admin = await sessions.create({ userId: 'ann', claims: { admin: true } });
  const plain = await sessions.create({ userId: 'bob' });
  const guard = http.guard({ allow: async ({ claims }) => claims.admin === true });
  expect(await guard(get(bearer(admin.accessToken)))).toMatchObject({ kind: 'authenticated' });
  expect(await guard(get(bearer(plain.accessToken)))).toMatchObject({
    response: {
      status: 403,
      body: { error: 'forbidden' },
      headers: { 'www-authenticate': expect.stringContaining('insufficient_scope') },
    },
  });
  const broken = http.optionalGuard({
    allow: () => {
      throw new TypeError('x is undefined');
    },
  });
  await expect(broken(get(bearer(plain.accessToken)))).rejects.toThrow(TypeError);
});

test('SE-10: an old authentication is a step-up challenge', async () => {
  const { http, browser, wait } = setUp();
  const ann = await browser('ann');
  const guard = http.guard({ maxAuthAge: 300_000 });
  wait(299_000);
  expect(await guard(get(ann.headers))).toMatchObject({ kind: 'authenticated' });
  wait(2_000);
  expect(await guard(get(ann.headers))).toMatchObject({
    kind: 'refused',
    response: {
      status: 401,
      body: { error: 'step_up_required' },
      headers: { 'www-authenticate': expect.stringMatching(/max_age="300"$/) },
    },
  });
  expect(await http.guard()(get(ann.headers))).toMatchObject({ kind: 'authenticated' });
});

test.each<Pick<GuardOptions<Claims, Data>, 'maxAuthAge'>>([
  { maxAuthAge: 0 },
  { maxAuthAge: -1 },
  { maxAuthAge: NaN },
])('a guard with invalid options fails when it is created: %o', (options) => {
  const { http } = setUp();
  expect(() => http.guard(options)).toThrow(ConfigurationError);
  expect(() => http.optionalGuard(options)).toThrow(
    expect.objectContaining({ option: 'maxAuthAge' }),
  );
});

test('the revocation check can be set per route', async () => {
  const { http, sessions, store } = setUp(
    {},
    { accessToken: jwtAccessTokens({ issuer: 'https://a.example', audience: 'a' }) },
  );
  const { accessToken, sessionId } = await sessions.create({ userId: 'ann' });
  await sessions.revoke(sessionId);
  const calls = store.calls;
  expect(await http.guard({ revocationCheck: 'none' })(get(bearer(accessToken)))).toMatchObject({
    kind: 'authenticated',
  });
  expect(store.calls).toBe(calls);
  expect(await http.guard()(get(bearer(accessToken)))).toMatchObject({
    response: { status: 401, body: { error: 'session_revoked' } },
  });
});

test('maxStaleness can be set per route', async () => {
  const { http, browser, store, wait } = setUp({}, { maxStaleness: 60_000 });
  const ann = await browser('ann');
  const [usual, strict] = [http.guard(), http.guard({ maxStaleness: 0 })];
  const short = http.guard({ maxStaleness: 5_000 });
  await usual(get(ann.headers));
  const calls = store.calls;
  await usual(get(ann.headers));
  await short(get(ann.headers));
  expect(store.calls).toBe(calls);
  await strict(get(ann.headers));
  expect(store.calls).toBe(calls + 1);
  wait(5_000);
  await usual(get(ann.headers));
  expect(store.calls).toBe(calls + 1);
  await short(get(ann.headers));
  expect(store.calls).toBe(calls + 2);
});

test.each<[string, GuardOptions<Claims, Data>]>([
  ['maxStaleness', { maxStaleness: -1 }],
  ['maxStaleness', { maxStaleness: Number.NaN }],
  ['maxStaleness', { maxStaleness: Infinity }],
  ['revocationCheck', { revocationCheck: 'never' as 'none' }],
])('the options of a guard are validated when it is created: %s %o', (option, options) => {
  const { http } = setUp();
  expect(() => http.guard(options)).toThrow(expect.objectContaining({ option }));
  expect(() => http.optionalGuard(options)).toThrow(expect.objectContaining({ option }));
});

test('DP-09: a token that is bound to a key is refused as a bearer token', async () => {
  const { http, sessions } = setUp();
  const { accessToken } = await sessions.create({ userId: 'ann', jkt: 'A'.repeat(43) });
  for (const headers of [bearer(accessToken), { cookie: `access_token=${accessToken}` }]) {
    expect(await http.guard()(get(headers))).toMatchObject({ response: { status: 401 } });
  }
});

test('A9, RV-07: a failed store is 503 and an event, neither "logged out" nor "allowed"', async () => {
  const { http, browser, store, events } = setUp();
  const ann = await browser('ann');
  store.down = true;
  for (const guard of [http.guard(), http.optionalGuard()]) {
    const outcome = await guard(get(ann.headers));
    expect(outcome).toMatchObject({
      kind: 'refused',
      response: { status: 503, cookies: [], body: { error: 'unavailable' } },
    });
    expect(JSON.stringify(outcome)).not.toContain('ECONNREFUSED');
  }
  expect(events.map(({ type }) => type)).toEqual(['request.failed', 'request.failed']);
});

test('C9: optionalGuard: anonymous without a credential, or with a stale cookie', async () => {
  const { http, browser, sessions, wait } = setUp();
  const [ann, bob] = [await browser('ann'), await browser('bob')];
  const optional = http.optionalGuard();
  expect(await optional(get({}))).toEqual({ kind: 'anonymous', pending: null });
  expect(await optional(get(ann.headers))).toMatchObject({ kind: 'authenticated' });
  await sessions.revoke(ann.sessionId);
  expect(await optional(get(ann.headers))).toMatchObject({
    kind: 'anonymous',
    pending: { cookies: ['access_token=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax'] },
  });
  wait(600_000);
  // Only expired: a refresh or a logout still uses it.
  expect(await optional(get(bob.headers))).toEqual({ kind: 'anonymous', pending: null });
});

test('A8: missing, revoked and expired sessions are 401', async () => {
  const { http, browser, sessions, wait } = setUp({}, { idleTimeout: 700_000 });
  const ann = await browser('ann');
  await sessions.revokeAll('ann', { reason: 'logout' });
  expect(await http.guard()(get(ann.headers))).toMatchObject({
    response: { status: 401, body: { error: 'session_revoked' } },
  });
  const other = setUp();
  expect(await other.http.guard()(get(ann.headers))).toMatchObject({
    response: { status: 401, body: { error: 'invalid_session' } },
  });
  const bob = await browser('bob');
  wait(700_000);
  expect(await http.guard()(get(bob.headers))).toMatchObject({
    response: { status: 401, body: { error: 'token_expired' } },
  });
});
