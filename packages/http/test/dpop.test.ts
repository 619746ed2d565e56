import { ConfigurationError } from '@pawl/core';
import { jwtAccessTokens } from '@pawl/core/jwt';
import { expect, test } from 'vitest';
import { createDpop, type DpopOptions } from '../src/dpop/dpop.ts';
import type { HttpRequest } from '../src/request.ts';
import type { HttpResponse } from '../src/response.ts';
import { athOf, createProver, type Prover } from './dpop-proofs.ts';
import { json, origin, request, type Setting, setUp, told } from './fixture.ts';
import { createMemoryStore } from './memory-store.ts';

const ann = await createProver();
const thief = await createProver();
const secret = 'a root secret of quite enough random bytes: 0123456789';
const start = 1_700_000_000_000;

interface Bound extends Setting {
  /** A request with a proof of its own. */
  readonly sent: (
    prover: Prover,
    method: string,
    url: string,
    accessToken?: string,
    more?: { body?: unknown; nonce?: string | undefined; scheme?: string },
  ) => Promise<HttpRequest>;
  readonly route: (request: HttpRequest) => Promise<HttpResponse>;
  readonly replays: { down: boolean; calls: number };
}

const setUpBound = (
  options: Partial<DpopOptions> = {},
  core: Parameters<typeof setUp>[1] = {},
): Bound => {
  let waited = 0;
  const clock = (): number => start + waited;
  const memory = createMemoryStore({ clock }).singleUse;
  const replays = { down: false, calls: 0 };
  const singleUse: typeof memory = {
    take: (key) => memory.take(key),
    deleteExpired: () => memory.deleteExpired(),
    put: async (...args) => {
      replays.calls += 1;
      if (replays.down) throw new Error('connect ECONNREFUSED 10.0.0.5:6379');
      return memory.put(...args);
    },
  };
  const dpop = createDpop({ store: { singleUse }, origin, clock, ...options });
  const setting = setUp({ dpop, deliver: 'body' }, core);
  let count = 0;
  return {
    ...setting,
    replays,
    wait: (ms) => {
      waited += ms;
      setting.wait(ms);
    },
    sent: async (prover, method, url, accessToken, { body, nonce, scheme = 'DPoP' } = {}) => {
      count += 1;
      const proof = await prover.prove({
        jti: `proof ${count}`,
        htm: method,
        htu: origin + url.split('?')[0],
        iat: Math.floor(clock() / 1_000),
        ...(nonce !== undefined && { nonce }),
        ...(accessToken !== undefined && { ath: athOf(accessToken) }),
      });
      const [headers, text] = body === undefined ? [{}, ''] : json(body);
      const authorization =
        accessToken === undefined ? {} : { authorization: `${scheme} ${accessToken}` };
      return request(method, url, { ...headers, ...authorization, dpop: proof }, text);
    },
    route: (sent) => {
      const found = setting.http.routes.find(
        ({ method, path }) => method === sent.method && path === sent.path,
      );
      if (!found) throw new Error(`no route ${sent.path}`);
      return found.handle(sent, {});
    },
  };
};

test('DP-08: a login that proves a key is bound to it, and the guards take its proofs only', async () => {
  const { http, sent } = setUpBound();
  const login = await http.login(await sent(ann, 'POST', '/login'), { userId: 'ann' });
  expect(login).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
  if (login.error) throw login.error;
  const { accessToken } = login.tokens;
  for (const guard of [http.guard(), http.optional()]) {
    expect(await guard(await sent(ann, 'GET', '/notes', accessToken))).toMatchObject({
      kind: 'authenticated',
      auth: { userId: 'ann', jkt: ann.jkt },
    });
    for (const scheme of ['dpop', 'DPOP', 'DPoP ']) {
      const spelt = await sent(ann, 'POST', '/notes?q=1', accessToken, { scheme });
      expect((await guard(spelt)).kind).toBe('authenticated');
    }
    const stolen = await guard(await sent(thief, 'GET', '/notes', accessToken));
    expect(stolen).toMatchObject({
      kind: 'refused',
      response: {
        status: 401,
        body: { error: 'invalid_dpop_proof' },
        headers: {
          'www-authenticate':
            'DPoP error="invalid_dpop_proof", error_description="the proof of possession is not valid", algs="ES256 EdDSA Ed25519 PS256"',
        },
      },
    });
  }
});

test('DP-09: a bound token as a bearer token, or without a proof, is refused', async () => {
  const { http, sessions, sent, replays } = setUpBound();
  const { accessToken } = await sessions.create({ userId: 'ann', jkt: ann.jkt });
  const asBearer = await sent(ann, 'GET', '/notes', accessToken, { scheme: 'Bearer' });
  for (const guard of [http.guard(), http.optional()]) {
    expect(await guard(asBearer)).toMatchObject({
      response: {
        status: 401,
        body: { error: 'invalid_token' },
        headers: {
          'www-authenticate':
            'Bearer error="invalid_token", error_description="the credential is not valid", DPoP algs="ES256 EdDSA Ed25519 PS256"',
        },
      },
    });
    const bare = request('GET', '/notes', { authorization: `DPoP ${accessToken}` });
    expect(await guard(bare)).toMatchObject({
      response: { status: 401, body: { error: 'invalid_dpop_proof' } },
    });
    const cookie = request('GET', '/notes', { cookie: `access_token=${accessToken}` });
    expect((await guard(cookie)).kind).not.toBe('authenticated');
  }
  expect(replays.calls).toBe(0);
});

test('DP-09: a bearer token, or an API key, under the DPoP scheme is refused', async () => {
  const { http, sessions, apiKeys, sent } = setUpBound();
  const { accessToken } = await sessions.create({ userId: 'ann' });
  const { apiKey } = await apiKeys.create({ userId: 'ann', name: 'ci' });
  for (const token of [accessToken, apiKey]) {
    expect(await http.guard()(await sent(ann, 'GET', '/notes', token))).toMatchObject({
      response: {
        status: 401,
        body: { error: 'invalid_token' },
        headers: {
          'www-authenticate': expect.stringMatching(/^DPoP error="invalid_token", .*algs=/),
        },
      },
    });
    // As what they are, they stay good, with a proof beside them too.
    const asBearer = await sent(ann, 'GET', '/notes', token, { scheme: 'Bearer' });
    expect((await http.guard()(asBearer)).kind).toBe('authenticated');
  }
});

test('DP-08: a proof for one token of a key is none for another', async () => {
  const { http, sessions, sent } = setUpBound();
  const [one, two] = [
    await sessions.create({ userId: 'ann', jkt: ann.jkt }),
    await sessions.create({ userId: 'ann', jkt: ann.jkt }),
  ];
  const forOne = await sent(ann, 'GET', '/notes', one.accessToken);
  const authorization = `DPoP ${two.accessToken}`;
  const header: HttpRequest['header'] = (name) =>
    name === 'authorization' ? authorization : forOne.header(name);
  expect(await http.guard()({ ...forOne, header })).toMatchObject({
    response: { body: { error: 'invalid_dpop_proof' } },
  });
});

test('a JWT that names its key is held to it without a look at the session', async () => {
  const accessToken = jwtAccessTokens({ issuer: 'https://a.example', audience: 'a' });
  const { http, sessions, sent, store } = setUpBound({}, { accessToken });
  const tokens = await sessions.create({ userId: 'ann', jkt: ann.jkt });
  const guard = http.guard({ revocationCheck: 'none' });
  const calls = store.calls;
  expect((await guard(await sent(ann, 'GET', '/notes', tokens.accessToken))).kind).toBe(
    'authenticated',
  );
  expect((await guard(await sent(thief, 'GET', '/notes', tokens.accessToken))).kind).toBe(
    'refused',
  );
  expect(store.calls).toBe(calls);
});

test('DP-10: a proof is good for one request; no store is asked about a bad one', async () => {
  const { http, sessions, sent, store, replays, events } = setUpBound();
  const { accessToken } = await sessions.create({ userId: 'ann', jkt: ann.jkt });
  const once = await sent(ann, 'GET', '/notes', accessToken);
  expect((await http.guard()(once)).kind).toBe('authenticated');
  expect(await http.guard()(once)).toMatchObject({
    response: { status: 401, body: { error: 'invalid_dpop_proof' } },
  });
  expect(events).toMatchObject([{ type: 'dpop.refused', reason: 'replayed' }]);
  const before = [store.calls, replays.calls];
  const elsewhere = { ...(await sent(ann, 'GET', '/notes', accessToken)), path: '/other' };
  expect((await http.guard()(elsewhere)).kind).toBe('refused');
  const garbage = request('GET', '/notes', { authorization: `DPoP ${accessToken}`, dpop: 'a.b.c' });
  expect((await http.guard()(garbage)).kind).toBe('refused');
  expect([store.calls, replays.calls]).toStrictEqual(before);
});

test('RV-07: a replay store that fails is 503: neither a pass nor a logout', async () => {
  const { http, sessions, sent, replays } = setUpBound();
  const tokens = await sessions.create({ userId: 'ann', jkt: ann.jkt });
  replays.down = true;
  for (const guard of [http.guard(), http.optional()]) {
    const outcome = await guard(await sent(ann, 'GET', '/notes', tokens.accessToken));
    expect(outcome).toMatchObject({ kind: 'refused', response: { status: 503 } });
    expect(JSON.stringify(outcome)).not.toContain('ECONNREFUSED');
  }
});

test('without a credential both schemes are offered; what is offered is one header', async () => {
  const { http } = setUpBound();
  expect(await http.guard()(request('GET', '/notes'))).toMatchObject({
    response: {
      body: { error: 'no_session' },
      headers: { 'www-authenticate': 'Bearer, DPoP algs="ES256 EdDSA Ed25519 PS256"' },
    },
  });
  expect(await setUp().http.guard()(request('GET', '/notes'))).toMatchObject({
    response: { headers: { 'www-authenticate': 'Bearer' } },
  });
});

test('DP-11: use_dpop_nonce, with the nonce in one header, and the retry is good', async () => {
  const { http, sessions, sent, route, events } = setUpBound({ nonce: { secrets: [secret] } });
  const { accessToken } = await sessions.create({ userId: 'ann', jkt: ann.jkt });
  const outcome = await http.guard()(await sent(ann, 'GET', '/notes', accessToken));
  if (outcome.kind !== 'refused') throw new Error('not refused');
  const nonce = outcome.response.headers['dpop-nonce'];
  expect(told(outcome.response)).toStrictEqual({
    status: 401,
    headers: {
      'cache-control': 'no-store',
      pragma: 'no-cache',
      'dpop-nonce': expect.stringMatching(/^[\w-]{24}$/),
      'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate',
      'www-authenticate': expect.stringMatching(/^DPoP error="use_dpop_nonce", .*algs="ES256/),
    },
    body: { error: 'use_dpop_nonce', message: expect.any(String) },
    cookies: [],
  });
  expect(events).toMatchObject([{ type: 'dpop.refused', reason: 'nonce' }]);
  expect((await http.guard()(await sent(ann, 'GET', '/notes', accessToken, { nonce }))).kind).toBe(
    'authenticated',
  );
  // The route that always answers 200 must not hide the nonce.
  expect(await route(await sent(ann, 'GET', '/auth/session', accessToken))).toMatchObject({
    status: 401,
    headers: { 'dpop-nonce': nonce },
  });
  expect(
    await route(await sent(ann, 'GET', '/auth/session', accessToken, { nonce })),
  ).toMatchObject({
    status: 200,
    body: { authenticated: true },
  });
});

test('DP-12, DP-14: a refresh needs the same key; whatever is refused has consumed nothing', async () => {
  const { sessions, sent, route, wait, replays, coreEvents, http } = setUpBound();
  const first = await sessions.create({ userId: 'ann', jkt: ann.jkt });
  const body = { refresh_token: first.refreshToken };
  wait(300_000);
  const refresh = async (prover: Prover): Promise<HttpResponse> =>
    route(await sent(prover, 'POST', '/auth/refresh', undefined, { body }));

  const invalidGrant = { status: 401, body: { error: 'invalid_grant' } };
  expect(await refresh(thief)).toMatchObject(invalidGrant);
  const [headers, text] = json(body);
  expect(await route(request('POST', '/auth/refresh', headers, text))).toMatchObject(invalidGrant);
  const bad = request('POST', '/auth/refresh', { ...headers, dpop: 'a.b.c' }, text);
  expect(await route(bad)).toMatchObject({ status: 401, body: { error: 'invalid_dpop_proof' } });
  replays.down = true;
  expect(await refresh(ann)).toMatchObject({ status: 503 });
  replays.down = false;
  const used = await sent(ann, 'POST', '/auth/refresh', undefined, { body });
  expect(coreEvents.map(({ type }) => type)).not.toContain('session.rotated');

  const next = await route(used);
  expect(next).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
  expect(coreEvents.at(-1)).toMatchObject({ type: 'session.rotated' });
  expect(await route(used)).toMatchObject({ status: 401, body: { error: 'invalid_dpop_proof' } });
  const { access_token: accessToken = '' } = next.body as { access_token?: string };
  const guarded = await http.guard()(await sent(ann, 'GET', '/notes', accessToken));
  expect(guarded.kind).toBe('authenticated');
});

test('a refresh token without a key is refreshed as ever, with a proof or without', async () => {
  const { sessions, sent, route } = setUpBound();
  const { refreshToken } = await sessions.create({ userId: 'ann' });
  const body = { refresh_token: refreshToken };
  expect(await route(await sent(ann, 'POST', '/auth/refresh', undefined, { body }))).toMatchObject({
    status: 200,
    body: { token_type: 'Bearer' },
  });
});

test('the session routes take a bound token, and logout ends its session', async () => {
  const { sessions, sent, route } = setUpBound();
  const { accessToken, sessionId } = await sessions.create({ userId: 'ann', jkt: ann.jkt });
  expect(await route(await sent(ann, 'GET', '/auth/sessions', accessToken))).toMatchObject({
    status: 200,
    body: [{ id: sessionId, current: true }],
  });
  expect(await route(await sent(ann, 'POST', '/auth/logout', accessToken))).toMatchObject({
    status: 204,
  });
  await expect(sessions.verify(accessToken)).rejects.toMatchObject({ code: 'ERR_SESSION_REVOKED' });
});

test('a step-up keeps the key', async () => {
  const { http, sessions, sent } = setUpBound();
  const { accessToken, sessionId } = await sessions.create({ userId: 'ann', jkt: ann.jkt });
  const elevated = await http.elevate(await sent(ann, 'POST', '/elevate', accessToken), sessionId);
  expect(elevated).toMatchObject({ body: { token_type: 'DPoP' } });
});

test('a login with a bad proof begins no session; cookies and a key do not go together', async () => {
  const { http, sessions } = setUpBound();
  const bad = request('POST', '/login', { dpop: 'a.b.c' });
  expect(await http.login(bad, { userId: 'ann' })).toMatchObject({
    status: 401,
    body: { error: 'invalid_dpop_proof' },
  });
  expect(await sessions.list('ann')).toStrictEqual([]);
  const bound = { userId: 'ann', jkt: ann.jkt };
  await expect(
    http.login(request('POST', '/login', { origin }), bound, { deliver: 'cookies' }),
  ).rejects.toThrow(ConfigurationError);
  expect(await sessions.list('ann')).toStrictEqual([]);
});

test('what is no proof checker is a configuration error', () => {
  const dpop = { store: createMemoryStore(), origin } as unknown as ReturnType<typeof createDpop>;
  expect(() => setUp({ dpop })).toThrow(expect.objectContaining({ option: 'dpop' }));
});
