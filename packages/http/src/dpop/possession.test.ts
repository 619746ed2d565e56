import { jwtAccessTokens } from '@pawl/core/jwt';
import { expect, test } from 'vitest';
import { setUpBound } from '../../test/dpop/bound-sessions.ts';
import { createProver } from '../../test/dpop/proofs.ts';
import { request } from '../../test/fixture.ts';
import type { HttpRequest } from '../request.ts';

const ann = await createProver();
const thief = await createProver();

test('DP-08: a login with a proof is bound to its key, and guards accept only proofs of that key', async () => {
  const { http, sent } = setUpBound();
  const login = await http.login(await sent(ann, 'POST', '/login'), { userId: 'ann' });
  expect(login).toMatchObject({ status: 200, body: { token_type: 'DPoP' } });
  if (login.error) throw login.error;
  const { accessToken } = login.tokens;
  for (const guard of [http.guard(), http.optionalGuard()]) {
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
  for (const guard of [http.guard(), http.optionalGuard()]) {
    expect(await guard(asBearer)).toMatchObject({
      response: {
        status: 401,
        body: { error: 'invalid_token' },
        headers: {
          'www-authenticate':
            'Bearer error="invalid_token", error_description="the credential is not valid, or a newer one has replaced it", DPoP algs="ES256 EdDSA Ed25519 PS256"',
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
    // Under their own scheme they stay valid, even with a proof beside them.
    const asBearer = await sent(ann, 'GET', '/notes', token, { scheme: 'Bearer' });
    expect((await http.guard()(asBearer)).kind).toBe('authenticated');
  }
});

test('DP-08: a proof for one token is refused for another token of the same key', async () => {
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

test('a JWT with a key requires a proof, without reading the session', async () => {
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
