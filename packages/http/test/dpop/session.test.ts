import { ConfigurationError } from '@pawl/core';
import { expect, test } from 'vitest';
import type { HttpResponse } from '../../src/response.ts';
import { json, origin, request } from '../fixture.ts';
import { setUpBound } from './bound-sessions.ts';
import { createProver, type Prover } from './proofs.ts';

const ann = await createProver();
const thief = await createProver();

test('a login with an invalid proof creates no session; a key requires delivery in the body', async () => {
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

test('DP-12, DP-14: a refresh requires the same key; a refusal consumes no token', async () => {
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

test('a refresh token without a key needs no proof, and ignores one', async () => {
  const { sessions, sent, route } = setUpBound();
  const { refreshToken } = await sessions.create({ userId: 'ann' });
  const body = { refresh_token: refreshToken };
  expect(await route(await sent(ann, 'POST', '/auth/refresh', undefined, { body }))).toMatchObject({
    status: 200,
    body: { token_type: 'Bearer' },
  });
});

test('the session routes accept a bound token, and logout revokes its session', async () => {
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

test('PX-09: proofs beside tokens that were not issued here write nothing', async () => {
  const { route, sessions, sent, replays } = setUpBound();
  const { accessToken, refreshToken } = await sessions.create({ userId: 'ann', jkt: ann.jkt });
  const changed = `${refreshToken.slice(0, -4)}AAAA`;
  for (const token of ['x', changed, accessToken]) {
    const body = { refresh_token: token };
    expect(
      await route(await sent(ann, 'POST', '/auth/refresh', undefined, { body })),
    ).toMatchObject({
      status: 401,
      body: { error: 'invalid_grant' },
    });
  }
  for (const token of ['x', changed, `${accessToken.slice(0, -4)}AAAA`]) {
    expect((await route(await sent(ann, 'GET', '/auth/sessions', token))).status).toBe(401);
  }
  expect(replays.calls).toBe(0);
  const body = { refresh_token: refreshToken };
  await route(await sent(ann, 'POST', '/auth/refresh', undefined, { body }));
  expect(replays.calls).toBe(1);
});
