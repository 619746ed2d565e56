import { describe, expect, test } from 'vitest';
import { frameworks } from '../../src/config.ts';
import { ann, start } from '../harness/demo.ts';

const minute = 60_000;

test('S4: change-password requires the current password, unless the login is recent', async () => {
  await using service = await start();
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  const change = (body: object) => page.send('POST', '/change-password', body);
  expect(await change({ new_password: 'another horse' })).toMatchObject({ status: 200 });
  const wrong = { current_password: ann.password, new_password: 'one more horse' };
  expect(await change(wrong)).toMatchObject({ status: 403 });
  service.wait(4 * minute);
  expect(await change({ new_password: 'another horse' })).toMatchObject({ status: 200 });
  // The change of the password was not a new login.
  service.wait(minute + 2_000);
  const stale = await change({ new_password: 'one more horse' });
  expect(stale).toMatchObject({ status: 401, body: { error: 'step_up_required' } });
  const challenge = stale.headers.get('www-authenticate');
  expect(challenge).toContain('error="insufficient_user_authentication"');
  expect(challenge).toContain('max_age="300"');
  const right = { current_password: 'another horse', new_password: 'one more horse' };
  expect(await change(right)).toMatchObject({ status: 200 });
  // The current password counted as a new login.
  expect(await change({ new_password: 'the last horse' })).toMatchObject({ status: 200 });
});

test('S4: in production change-password always requires the current password', async () => {
  await using service = await start({ production: true });
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  expect(await page.send('POST', '/change-password', { new_password: 'mine now!' })).toMatchObject({
    status: 400,
    body: { error: 'invalid_request', message: expect.stringContaining('current_password') },
  });
  const right = { current_password: ann.password, new_password: 'another horse' };
  expect(await page.send('POST', '/change-password', right)).toMatchObject({ status: 200 });
});

describe.for(frameworks.map((framework) => ({ framework })))('in $framework', ({ framework }) => {
  test.for(['opaque', 'jwt'] as const)(
    'change-password replaces the tokens of the caller, and says so (%s)',
    async (accessToken) => {
      await using service = await start({ framework, accessToken });
      const bearer = async (token: unknown, path = '/content') =>
        service.send('GET', path, undefined, { authorization: `Bearer ${String(token)}` });
      const { body: first } = await service.send('POST', '/register', { ...ann, deliver: 'body' });
      const changed = await service.send(
        'POST',
        '/change-password',
        { current_password: ann.password, new_password: 'another horse' },
        { authorization: `Bearer ${String(first['access_token'])}` },
      );
      expect(changed).toMatchObject({
        status: 200,
        body: {
          message: expect.stringMatching(/all other sessions .* new tokens, which replace/),
          token_type: 'Bearer',
          refresh_token: expect.any(String),
          expires_in: expect.any(Number),
        },
      });
      expect(changed.headers.getSetCookie()).toEqual([]);
      expect(await bearer(changed.body['access_token'])).toMatchObject({ status: 200 });
      expect(await bearer(first['access_token'])).toMatchObject({
        status: 401,
        body: {
          error: 'invalid_token',
          message: expect.stringContaining('newer one has replaced it'),
        },
      });
      const late = { refresh_token: first['refresh_token'] };
      expect(await service.send('POST', '/refresh', late)).toMatchObject({
        status: 409,
        body: { message: expect.stringContaining('a newer refresh token is in use') },
      });
      const next = { refresh_token: changed.body['refresh_token'] };
      expect(await service.send('POST', '/refresh', next)).toMatchObject({ status: 200 });
    },
  );
});

test('deleting an account requires a recent login or a step-up', async () => {
  await using service = await start();
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  service.wait(6 * minute);
  expect(await page.send('DELETE', '/delete')).toMatchObject({
    status: 401,
    body: { error: 'step_up_required' },
  });
  const before = await page.copy();
  expect(await page.send('POST', '/step-up', { password: 'wrong' })).toMatchObject({
    status: 403,
    body: { error: 'wrong_password' },
  });
  expect(await page.send('POST', '/step-up', { password: ann.password })).toMatchObject({
    status: 200,
  });
  // Tokens that were copied before stop working at once.
  expect(await before.send('GET', '/content')).toMatchObject({ status: 401 });
  expect(await page.send('DELETE', '/delete')).toMatchObject({ status: 200 });
});

test('B8: if the store fails, the response is 503 and the password stays', async () => {
  await using service = await start();
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  const { sessions } = service.storage.store;
  const revokeAll = sessions.revokeAll.bind(sessions);
  sessions.revokeAll = () => Promise.reject(new Error('connect ECONNREFUSED'));
  const change = { current_password: ann.password, new_password: 'another horse' };
  expect(await page.send('POST', '/change-password', change)).toMatchObject({
    status: 503,
    body: { error: 'unavailable' },
  });
  expect(await page.send('DELETE', '/delete')).toMatchObject({ status: 503 });
  sessions.revokeAll = revokeAll;
  expect(await service.visitor().send('POST', '/login', ann)).toMatchObject({ status: 200 });
  expect(service.lines.join('')).not.toContain('user.revoked');
});

test('if the database fails, the response is 503, not a missing user, and the service is not ready', async () => {
  await using service = await start({}, 'sqlite');
  const page = service.visitor();
  await page.send('POST', '/register', ann);
  await service.storage.close();
  expect(await page.send('GET', '/content')).toMatchObject({ status: 503 });
  expect(await page.send('POST', '/refresh')).toMatchObject({ status: 503 });
  expect(await page.send('POST', '/login', ann)).toMatchObject({ status: 503 });
  expect(await page.send('GET', '/health')).toMatchObject({ status: 200 });
  expect(await page.send('GET', '/ready')).toMatchObject({ status: 503 });
  expect(await page.cookies()).toHaveLength(2);
});
