import { expect, test } from 'vitest';
import { bearer, origin, request, setUp } from '../test/fixture.ts';
import type { HeaderValue } from './request.ts';

const get = (headers: Record<string, HeaderValue>) => request('GET', '/', headers);

test('A12: the header, and the cookie only without one', async () => {
  const { http, browser } = setUp();
  const [ann, bob] = [await browser('ann'), await browser('bob')];
  const guard = http.guard();
  expect(await guard(get(bearer(ann.access)))).toMatchObject({ auth: { userId: 'ann' } });
  expect(await guard(get(ann.headers))).toMatchObject({ auth: { userId: 'ann' } });
  const both = { ...ann.headers, ...bearer(bob.access) };
  expect(await guard(get(both))).toMatchObject({ auth: { userId: 'bob' } });
});

test.each<[string, HeaderValue]>([
  ['empty', ''],
  ['another scheme beside ours', ['Basic YTpi', 'Bearer a']],
  ['no token', 'Bearer'],
  ['a blank token', 'Bearer  '],
  ['two tokens', 'Bearer a b'],
  ['two credentials, joined', 'Bearer a, Bearer b'],
  ['two headers', ['Bearer a', 'Bearer b']],
  ['a token with a comma', 'Bearer a,b'],
  ['a tab', 'Bearer\ta'],
  ['DPoP, where it is not set up', 'DPoP a'],
  ['garbage', 'Bearer a'],
  ['too long', `Bearer ${'a'.repeat(9_000)}`],
])('A12: a bad header never falls back to a good cookie: %s', async (_, authorization) => {
  const { http, browser } = setUp();
  const ann = await browser('ann');
  const headers = { ...ann.headers, authorization };
  for (const guard of [http.guard(), http.optionalGuard()]) {
    expect(await guard(get(headers))).toMatchObject({
      kind: 'refused',
      response: { status: 401, body: { error: 'invalid_token' } },
    });
  }
});

test('a scheme that is not ours does not hide the cookie: a site may stand behind HTTP Basic', async () => {
  const { http, browser } = setUp();
  const ann = await browser('ann');
  for (const authorization of ['Basic YTpi', 'Negotiate YIIg', 'Digest realm="a", nonce="b"']) {
    const outcome = await http.guard()(get({ ...ann.headers, authorization }));
    expect(outcome.kind).toBe('authenticated');
    expect(await http.guard()(get({ authorization }))).toMatchObject({
      response: { status: 401, body: { error: 'no_session' } },
    });
  }
});

test('a valid token with anything beside it is refused', async () => {
  const { http, browser } = setUp();
  const { access } = await browser('ann');
  for (const rest of [' x', ',', `, Bearer ${access}`, ' ', '\t', '; charset=utf-8', '\u00a0']) {
    const outcome = await http.guard()(get({ authorization: `Bearer ${access}${rest}` }));
    expect(outcome).toMatchObject({ response: { status: 401 } });
  }
});

test('the scheme ignores case', async () => {
  const { http, browser } = setUp();
  const { access } = await browser('ann');
  for (const scheme of ['bearer', 'BEARER', 'Bearer ']) {
    const outcome = await http.guard()(get({ authorization: `${scheme} ${access}` }));
    expect(outcome.kind).toBe('authenticated');
  }
});

test('CK-06: two cookies of one name are refused, with an event', async () => {
  const { http, browser, events, store } = setUp();
  const ann = await browser('ann');
  const calls = store.calls;
  for (const cookie of [
    `access_token=${ann.access}; access_token=${ann.access}`,
    `access_token=x; access_token=${ann.access}`,
    [`access_token=${ann.access}`, 'access_token='],
  ]) {
    expect(await http.guard()(get({ cookie }))).toMatchObject({
      response: { status: 401, body: { error: 'invalid_token' } },
    });
    expect(await http.optionalGuard()(get({ cookie }))).toMatchObject({ kind: 'anonymous' });
  }
  expect(events).toHaveLength(6);
  expect(events[0]).toEqual({
    type: 'cookie.duplicated',
    cookie: 'access_token',
    at: 1_700_000_000_000,
  });
  expect(store.calls).toBe(calls);
});

test('cookies of another name, even a similar one, are not read', async () => {
  const { http, browser } = setUp();
  const { access } = await browser('ann');
  for (const name of [
    'Access_Token',
    '__Host-access_token',
    '\u00a0access_token',
    'refresh_token',
  ]) {
    const outcome = await http.guard()(get({ cookie: `${name}=${access}` }));
    expect(outcome).toMatchObject({ response: { body: { error: 'no_session' } } });
  }
});

test('with cookies: false a cookie is ignored', async () => {
  const setting = setUp({ cookies: false });
  const { accessToken } = await setting.sessions.create({ userId: 'ann' });
  expect(await setting.http.guard()(get({ cookie: `access_token=${accessToken}` }))).toMatchObject({
    response: { body: { error: 'no_session' } },
  });
});

test('CSRF: an unsafe method with a cookie must come from the service’s own pages; a header needs no origin', async () => {
  const { http, browser, store, events } = setUp();
  const ann = await browser('ann');
  const cookie = ann.headers['cookie'] ?? '';
  const calls = store.calls;
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PURGE']) {
    for (const headers of [
      { cookie, 'sec-fetch-site': 'same-site' },
      { cookie, origin: 'https://evil.example' },
    ]) {
      for (const guard of [http.guard(), http.optionalGuard()]) {
        expect(await guard(request(method, '/', headers))).toMatchObject({
          response: {
            status: 403,
            body: { error: 'csrf_violation' },
            headers: { vary: 'Sec-Fetch-Site, Origin' },
          },
        });
      }
    }
  }
  expect(store.calls).toBe(calls);
  expect(events[0]).toMatchObject({
    type: 'csrf.refused',
    reason: 'same_site',
    method: 'POST',
  });
  expect(await http.guard()(request('POST', '/', { cookie, origin }))).toMatchObject({
    kind: 'authenticated',
  });
  expect(await http.guard()(request('POST', '/', bearer(ann.access)))).toMatchObject({
    kind: 'authenticated',
  });
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    const outcome = await http.guard()(
      request(method, '/', { cookie, origin: 'https://evil.example' }),
    );
    expect(outcome.kind).toBe('authenticated');
  }
});

test('CS-07: a WebSocket opens only from the service’s own pages, although it is a GET', async () => {
  const { http, browser, store } = setUp();
  const ann = await browser('ann');
  const cookie = ann.headers['cookie'] ?? '';
  const calls = store.calls;
  for (const upgrade of ['websocket', 'WebSocket', 'h2c, websocket', ['h2c', 'websocket']]) {
    for (const from of [{ origin: '' }, { origin: 'https://evil.example' }, { origin: 'null' }]) {
      for (const guard of [http.guard(), http.optionalGuard()]) {
        expect(await guard(get({ cookie, upgrade, ...from }))).toMatchObject({
          response: { status: 403, body: { error: 'csrf_violation' } },
        });
      }
    }
    expect(store.calls).toBe(calls);
  }
  const guard = http.guard();
  const upgrade = 'websocket';
  for (const headers of [
    { cookie, upgrade, origin },
    { cookie, upgrade, 'sec-fetch-site': 'same-origin' },
    { upgrade, ...bearer(ann.access) },
    { cookie, upgrade: 'h2c' },
    { cookie },
  ]) {
    expect(await guard(get(headers))).toMatchObject({ kind: 'authenticated' });
  }
});
