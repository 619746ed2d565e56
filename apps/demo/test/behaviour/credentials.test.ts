import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { ann, origin, start } from '../harness/demo.ts';

test('a code logs in once, and only its own user', async () => {
  await using service = await start();
  await service.visitor().send('POST', '/register', ann);
  const page = service.visitor();
  const accepted = { status: 202, body: { message: expect.any(String) } };
  const known = await page.send('POST', '/code', { username: 'ann' });
  const unknown = await page.send('POST', '/code', { username: 'nobody' });
  expect(known).toMatchObject(accepted);
  expect(unknown.body).toEqual(known.body);
  expect(service.codes).toHaveLength(1);
  const [code] = service.codes;
  expect(await page.send('POST', '/code/login', { code: 'wrong' })).toMatchObject({
    status: 401,
    body: { error: 'invalid_code' },
  });
  expect(await page.send('POST', '/code/login', { code })).toMatchObject({
    status: 200,
    body: { user: { name: 'ann' } },
  });
  expect((await page.send('GET', '/session')).body).toMatchObject({ amr: ['otp'] });
  expect(await service.visitor().send('POST', '/code/login', { code })).toMatchObject({
    status: 401,
  });
  expect(service.lines.join('')).not.toContain(code);
});

test('if no code can be sent, the response is the same for all names', async () => {
  await using service = await start({}, 'memory', { deliverCode: null });
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  for (const username of ['ann', 'nobody']) {
    expect(await page.send('POST', '/code', { username })).toMatchObject({ status: 501 });
  }
});

test('the experiments are not available in production', async () => {
  await using service = await start({ production: true });
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  for (const path of ['/refresh/steal', '/refresh/replay-stolen', '/refresh/lose-reply']) {
    expect(await page.send('POST', path)).toMatchObject({ status: 404 });
  }
});

test('an API key is shown once, works in the header only, and can be revoked', async () => {
  await using service = await start();
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  const made = await page.send('POST', '/api-keys', { name: 'ci', days: 30 });
  expect(made).toMatchObject({ status: 201, body: { name: 'ci', expires_at: expect.any(String) } });
  expect(made.headers.get('cache-control')).toBe('no-store');
  const apiKey = String(made.body['api_key']);
  const list = await page.send('GET', '/api-keys');
  expect(list.body).toMatchObject([{ id: made.body['id'], name: 'ci' }]);
  expect(JSON.stringify(list.body)).not.toContain(apiKey);

  const authorization = `Bearer ${apiKey}`;
  const byKey = (method: string, path: string, body?: unknown) =>
    service.send(method, path, body, { authorization });
  expect(await byKey('GET', '/content')).toMatchObject({ status: 200 });
  expect(await byKey('GET', '/api-keys')).toMatchObject({ status: 403 });
  expect(await byKey('POST', '/change-password', { new_password: 'another horse' })).toMatchObject({
    status: 403,
  });
  const cookie = `access_token=${apiKey}`;
  expect(await service.send('GET', '/content', undefined, { cookie })).toMatchObject({
    status: 401,
  });

  const stranger = service.visitor();
  await stranger.send('POST', '/register', { ...ann, username: 'bob' });
  const path = `/api-keys/${String(made.body['id'])}`;
  expect(await stranger.send('DELETE', path)).toMatchObject({ status: 404 });
  expect(await page.send('DELETE', path)).toMatchObject({ status: 204 });
  expect(await byKey('GET', '/content')).toMatchObject({ status: 401 });
});

test('the keys of a deleted account stop working', async () => {
  await using service = await start();
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  const { body } = await page.send('POST', '/api-keys', { name: 'ci' });
  await page.send('DELETE', '/delete');
  const authorization = `Bearer ${String(body['api_key'])}`;
  expect(await service.send('GET', '/content', undefined, { authorization })).toMatchObject({
    status: 401,
  });
});

test('ACCESS_TOKEN=jwt: other services verify with the JWKS', async () => {
  await using service = await start({ accessToken: 'jwt' });
  const { body } = await service.send('POST', '/register', { ...ann, deliver: 'body' });
  const jwks = await service.send('GET', '/.well-known/jwks.json');
  const keys = createLocalJWKSet(jwks.body as unknown as JSONWebKeySet);
  const { payload } = await jwtVerify(String(body['access_token']), keys, {
    issuer: origin,
    audience: origin,
    typ: 'at+jwt',
  });
  expect(payload.sub).toBe((body['user'] as { id: string }).id);
});
