import { expect, test } from 'vitest';
import { request, secret, setUp, told } from '../fixture.ts';
import { setUpBound } from './bound-sessions.ts';
import { createProver } from './proofs.ts';

const ann = await createProver();

test('DP-10: a proof is valid for one request; an invalid one costs no store call', async () => {
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

test('RV-07: a failed replay store is 503, neither "logged out" nor "allowed"', async () => {
  const { http, sessions, sent, replays } = setUpBound();
  const tokens = await sessions.create({ userId: 'ann', jkt: ann.jkt });
  replays.down = true;
  for (const guard of [http.guard(), http.optionalGuard()]) {
    const outcome = await guard(await sent(ann, 'GET', '/notes', tokens.accessToken));
    expect(outcome).toMatchObject({ kind: 'refused', response: { status: 503 } });
    expect(JSON.stringify(outcome)).not.toContain('ECONNREFUSED');
  }
});

test('without a credential both schemes are offered, in one header', async () => {
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

test('DP-11: use_dpop_nonce has the nonce in a header, and the retry succeeds', async () => {
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
  // The route that is always 200 must not hide the nonce.
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
