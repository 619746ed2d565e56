import { RefreshRefusedError } from '@pawl/core';
import { expect, test } from 'vitest';
import { type Browser, json, origin, setUp, told } from '../../test/fixture.ts';

const refreshCookie = ({ refresh }: Browser) => ({ cookie: `refresh_token=${refresh}`, origin });
const tokenIn = (cookies: readonly string[], name: string): string =>
  /=([^;]*)/.exec(cookies.find((one) => one.startsWith(`${name}=`)) ?? '')?.[1] ?? '';

test('refresh delivers in cookies or in the body, the way the token came', async () => {
  const { send, browser, sessions, wait } = setUp();
  const ann = await browser('ann');
  // No access token is required or read.
  const byCookie = await send('POST', '/auth/refresh', refreshCookie(ann));
  expect(byCookie).toMatchObject({ status: 200, body: { expires_in: expect.any(Number) } });
  expect(byCookie.body).not.toHaveProperty('refresh_token');
  expect(byCookie.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  const access = tokenIn(byCookie.cookies, 'access_token');
  expect(await sessions.verify(access)).toMatchObject({ userId: 'ann' });
  wait(61_000);
  const next = tokenIn(byCookie.cookies, 'refresh_token');
  const byBody = await send('POST', '/auth/refresh', ...json({ refresh_token: next }));
  expect(byBody).toMatchObject({ status: 200, cookies: [] });
  expect(byBody.body).toMatchObject({ token_type: 'Bearer', access_token: expect.any(String) });
});

test('A17: missing 400, wrong media type 415, too long 413', async () => {
  const { send } = setUp();
  expect(await send('POST', '/auth/refresh')).toMatchObject({ status: 400 });
  expect(await send('POST', '/auth/refresh', ...json({}))).toMatchObject({ status: 400 });
  expect(await send('POST', '/auth/refresh', ...json({ refresh_token: '' }))).toMatchObject({
    status: 400,
  });
  expect(await send('POST', '/auth/refresh', ...json({ refresh_token: 1 }))).toMatchObject({
    status: 400,
  });
  const text = { 'content-type': 'text/plain' };
  expect(await send('POST', '/auth/refresh', text, 'refresh_token=x')).toMatchObject({
    status: 415,
  });
  const long = json({ refresh_token: 'x'.repeat(8_192) });
  expect(await send('POST', '/auth/refresh', ...long)).toMatchObject({ status: 413 });
});

test('a form, as OAuth clients send it, is a body like JSON (RFC 6749 § 6)', async () => {
  const { send, browser } = setUp();
  const { refresh } = await browser('ann');
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const body = `grant_type=refresh_token&refresh_token=${refresh}`;
  expect(await send('POST', '/auth/refresh', form, body)).toMatchObject({
    status: 200,
    cookies: [],
    body: { token_type: 'Bearer' },
  });
  const twice = `refresh_token=${refresh}&refresh_token=${refresh}`;
  expect(await send('POST', '/auth/refresh', form, twice)).toMatchObject({ status: 400 });
  expect(await send('POST', '/auth/refresh', form, 'grant_type=x')).toMatchObject({ status: 400 });
});

test('A18: all problems of a refresh token have the same response, byte for byte', async () => {
  let gone = false;
  const { send, browser, sessions, wait } = setUp(
    {},
    {
      preset: 'strict',
      authorizeRefresh: () => {
        if (gone) throw new RefreshRefusedError('the user is gone');
      },
    },
  );
  const answers: unknown[] = [];
  const refuse = async (refresh: string): Promise<void> => {
    for (const headers of [{ cookie: `refresh_token=${refresh}`, origin }]) {
      answers.push(told(await send('POST', '/auth/refresh', headers)));
    }
    answers.push(told(await send('POST', '/auth/refresh', ...json({ refresh_token: refresh }))));
  };
  await refuse('garbage');
  await refuse(
    (await setUp({}, { secrets: ['another root secret, of as many random bytes'] }).browser('ann'))
      .refresh,
  );
  await refuse((await setUp().browser('ann')).refresh);
  const access = await browser('ann');
  await refuse(access.access);
  const revoked = await browser('ann');
  await sessions.revoke(revoked.sessionId);
  await refuse(revoked.refresh);
  const used = await browser('ann');
  await sessions.refresh(used.refresh);
  await refuse(used.refresh);
  const refused = await browser('ann');
  gone = true;
  await refuse(refused.refresh);
  gone = false;
  // It consumed nothing.
  await sessions.refresh(refused.refresh);
  const idle = await browser('ann');
  wait(14 * 86_400_000);
  await refuse(idle.refresh);
  const outlived = await browser('ann');
  wait(31 * 86_400_000);
  await refuse(outlived.refresh);
  expect(answers).toHaveLength(18);
  for (const answer of answers) expect(answer).toEqual(answers[0]);
  expect(answers[0]).toMatchObject({
    status: 401,
    cookies: [],
    body: { error: 'invalid_grant', message: 'the refresh token is not valid' },
  });
});

test('CK-06: two refresh cookies are the same 401, with an event', async () => {
  const { send, browser, events, store } = setUp();
  const { refresh } = await browser('ann');
  const calls = store.calls;
  const cookie = `refresh_token=${refresh}; refresh_token=${refresh}`;
  const response = await send('POST', '/auth/refresh', { cookie, origin });
  expect(response).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
  expect(events).toMatchObject([{ type: 'cookie.duplicated', cookie: 'refresh_token' }]);
  expect(store.calls).toBe(calls);
});

test('A18: a failed store is 503, the cookies stay, and the token still works', async () => {
  const { send, browser, store, events } = setUp();
  const ann = await browser('ann');
  store.down = true;
  const failed = await send('POST', '/auth/refresh', refreshCookie(ann));
  expect(failed).toMatchObject({ status: 503, cookies: [], body: { error: 'unavailable' } });
  expect(events).toMatchObject([{ type: 'request.failed' }]);
  store.down = false;
  expect(await send('POST', '/auth/refresh', refreshCookie(ann))).toMatchObject({ status: 200 });
});

test('A19: the loser of a race gets the same successor', async () => {
  const { send, browser } = setUp();
  const ann = await browser('ann');
  const responses = await Promise.all(
    Array.from({ length: 16 }, () => send('POST', '/auth/refresh', refreshCookie(ann))),
  );
  const tokens = responses.map(({ cookies }) => tokenIn(cookies, 'refresh_token'));
  for (const { status } of responses) expect([200, 409]).toContain(status);
  expect(new Set(tokens.filter(Boolean)).size).toBe(1);
});

test('a late request gets 409 with Retry-After, and its cookies stay', async () => {
  const { send, browser, sessions, wait } = setUp();
  const ann = await browser('ann');
  const next = await sessions.refresh(ann.refresh);
  await sessions.verify(next.accessToken);
  wait(30_000);
  expect(await send('POST', '/auth/refresh', refreshCookie(ann))).toMatchObject({
    status: 409,
    cookies: [],
    body: { error: 'refresh_retry' },
    headers: { 'retry-after': '1' },
  });
});
