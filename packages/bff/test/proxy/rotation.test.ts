import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { origin, type Setting, setUp, upstreamToken } from './setting.ts';

const rotateAfter = 600_000;
const strikePeriod = 120_000;

/** A proxy whose clock, and that of its sessions, moves when told. */
const setUpWithClock = async (options: Parameters<typeof setUp>[0] = {}) => {
  let ahead = 0;
  const setting = await setUp({ clock: () => Date.now() + ahead, ...options });
  return {
    ...setting,
    /** In ms. */
    pass: (ms: number) => {
      ahead += ms;
    },
  };
};

/** Returns the `Set-Cookie` values of a response. */
const cookiesOf = (headers: Record<string, string | string[] | undefined>): string[] =>
  [headers['set-cookie'] ?? []].flat();

/** Returns what a browser sends after a response: its new cookie, or the one that it had. */
const jarAfter = (jar: string, headers: Record<string, string | string[] | undefined>): string =>
  cookiesOf(headers)
    .find((one) => one.startsWith('session=pawl_'))
    ?.split(';')[0] ?? jar;

const get = async (
  setting: Setting,
  cookie: string,
  headers: Record<string, string> = {},
  path = '/api/notes',
) => {
  const {
    statusCode,
    headers: received,
    body,
  } = await setting.send(path, {
    headers: { cookie, ...headers },
  });
  return { status: statusCode, headers: received, text: await body.text() };
};

const rotations = ({ sessionEvents }: Setting): number =>
  sessionEvents.filter(({ type }) => type === 'session.rotated').length;

/** Whatever an API may say about caching. */
const cachingHeaders = {
  'cache-control': 'public, max-age=3600',
  'cdn-cache-control': 'public, max-age=3600',
  'cloudflare-cdn-cache-control': 'max-age=3600',
  'surrogate-control': 'max-age=3600',
  'x-accel-expires': '3600',
  expires: new Date(Date.now() + 3_600_000).toUTCString(),
  pragma: 'cache',
};

describe('the response of the API carries the next session cookie', () => {
  test('once in ten minutes, and the API sees none of it', async () => {
    await using setting = await setUpWithClock();
    const { cookie } = await setting.logIn();
    let jar = cookie;
    expect(cookiesOf((await get(setting, jar)).headers)).toStrictEqual([]);
    for (let rotation = 1; rotation <= 12; rotation++) {
      setting.pass(rotateAfter);
      const rotated = await get(setting, jar);
      expect([rotated.status, JSON.parse(rotated.text)]).toMatchObject([200, { url: '/v1/notes' }]);
      expect(cookiesOf(rotated.headers)).toStrictEqual([
        expect.stringMatching(
          /^session=pawl_rt_[\w-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax$/,
        ),
      ]);
      expect(rotated.headers['cache-control']).toBe('no-store');
      jar = jarAfter(jar, rotated.headers);
      expect(cookiesOf((await get(setting, jar)).headers)).toStrictEqual([]);
      expect(rotations(setting)).toBe(rotation);
    }
    const seen = JSON.stringify(setting.upstream.seen);
    expect(seen).toContain(upstreamToken);
    expect(seen).not.toContain('pawl_');
    expect(seen).not.toMatch(/cookie/i);
  });

  test.each<[string, number, Record<string, string>]>([
    ['GET', 200, {}],
    ['HEAD', 200, {}],
    ['POST', 201, {}],
    ['GET', 204, {}],
    ['GET', 302, { location: '/v1/other' }],
    ['GET', 304, { etag: '"1"' }],
    ['GET', 404, {}],
    ['GET', 500, {}],
  ])('%s %s: it is never stored, and the cookies of the API are dropped', async (...given) => {
    const [method, status, more] = given;
    await using setting = await setUpWithClock();
    const { cookie } = await setting.logIn();
    setting.upstream.answer = (_, response) => {
      response.writeHead(status, [
        ...Object.entries({ ...cachingHeaders, ...more, 'x-request-id': 'the API' }).flat(),
        'set-cookie',
        'session=planted; Path=/',
        'set-cookie',
        'of-the-api=1',
      ]);
      response.end();
    };
    setting.pass(rotateAfter);
    const { statusCode, headers, body } = await setting.send('/api/notes', {
      method,
      headers: { cookie, origin },
    });
    await body.dump();
    expect(statusCode).toBe(status);
    expect(headers['x-request-id']).toBe('the API');
    expect(cookiesOf(headers)).toStrictEqual([expect.stringMatching(/^session=pawl_rt_/)]);
    const caching = Object.keys(headers).filter((name) => name in cachingHeaders);
    expect(caching.toSorted()).toStrictEqual(['cache-control', 'pragma']);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
  });

  test('without a new cookie, the API decides about caching as before', async () => {
    await using setting = await setUpWithClock();
    const { cookie } = await setting.logIn();
    setting.upstream.answer = (_, response) => {
      response.writeHead(200, cachingHeaders).end();
    };
    const { headers } = await get(setting, cookie);
    // Fields for one kind of cache would override it there (RFC 9213).
    const { 'cache-control': ofAll, expires } = cachingHeaders;
    const caching = Object.entries(headers).filter(([name]) => name in cachingHeaders);
    expect(Object.fromEntries(caching)).toStrictEqual({ 'cache-control': ofAll, expires });
    expect(cookiesOf(headers)).toStrictEqual([]);
  });

  test('a stream of unknown length carries it with its headers', async () => {
    await using setting = await setUpWithClock();
    const { cookie } = await setting.logIn();
    const { promise: received, resolve: goOn } = Promise.withResolvers<void>();
    setting.upstream.answer = async (_, response) => {
      response.writeHead(200, { 'cache-control': 'public' });
      response.flushHeaders();
      await received;
      response.end('late');
    };
    setting.pass(rotateAfter);
    const { headers, body } = await setting.send('/api', { headers: { cookie } });
    expect(cookiesOf(headers)).toHaveLength(1);
    expect(headers['cache-control']).toBe('no-store');
    goOn();
    expect(await body.text()).toBe('late');
  });

  test('so does a failure of the API, and a response to a second attempt', async () => {
    await using setting = await setUpWithClock();
    const { cookie } = await setting.logIn();
    setting.upstream.answer = (_, response) => {
      response.destroy();
    };
    setting.pass(rotateAfter);
    const failed = await get(setting, cookie);
    expect(failed.status).toBe(502);
    const jar = jarAfter(cookie, failed.headers);
    expect(jar).not.toBe(cookie);
    let attempts = 0;
    setting.upstream.answer = (_, response) => {
      attempts += 1;
      response.writeHead(attempts === 1 ? 401 : 200).end();
    };
    setting.pass(rotateAfter);
    const second = await get(setting, jar);
    expect([attempts, second.status]).toStrictEqual([2, 200]);
    expect(jarAfter(jar, second.headers)).not.toBe(jar);
  });
});

test('twenty parallel requests are one rotation, one new cookie, and twenty 200s', async () => {
  await using setting = await setUpWithClock();
  const { cookie } = await setting.logIn();
  setting.pass(rotateAfter);
  const twenty = (jar: string) => Promise.all(Array.from({ length: 20 }, () => get(setting, jar)));
  const responses = await twenty(cookie);
  expect(responses.map(({ status }) => status)).toStrictEqual(Array(20).fill(200));
  expect(rotations(setting)).toBe(1);
  const cookies = responses.flatMap(({ headers }) => cookiesOf(headers));
  const values = new Set(cookies.map((one) => one.split(';')[0] ?? ''));
  expect(values.size).toBe(1);
  // Requests that were still sent with the replaced cookie, after the new one was used.
  const [jar = ''] = values;
  for (const { status, headers } of await twenty(jar)) {
    expect([status, cookiesOf(headers)]).toStrictEqual([200, []]);
  }
  for (const { status, headers } of await twenty(cookie)) {
    expect([status, cookiesOf(headers)]).toStrictEqual([200, []]);
  }
  expect(rotations(setting)).toBe(1);
  expect(setting.upstream.seen).toHaveLength(60);
});

test('a response whose head leaves too late carries no cookie, and the next one does', async () => {
  await using setting = await setUpWithClock();
  const { cookie } = await setting.logIn();
  setting.pass(rotateAfter);
  setting.upstream.answer = (_, response) => {
    setting.pass(rotateAfter / 2 + 1);
    response.writeHead(200, { ...cachingHeaders, 'set-cookie': 'session=planted' }).end('late');
  };
  const late = await get(setting, cookie);
  expect([late.status, late.text, cookiesOf(late.headers)]).toStrictEqual([200, 'late', []]);
  // There is no cookie to protect, so the API decides.
  expect(late.headers['cache-control']).toBe(cachingHeaders['cache-control']);
  setting.upstream.answer = (_, response) => {
    response.end();
  };
  const next = await get(setting, cookie);
  expect(next.status).toBe(200);
  const jar = jarAfter(cookie, next.headers);
  expect(jar).not.toBe(cookie);
  expect((await get(setting, jar)).status).toBe(200);
  expect(rotations(setting)).toBe(1);
});

describe('what cannot carry a cookie does not rotate it', () => {
  test.each<[string, Record<string, string>]>([
    ['an event stream', { accept: 'text/event-stream' }],
    ['an event stream among others', { accept: 'application/json, text/event-stream;q=0.9' }],
    ['a prefetch', { 'sec-purpose': 'prefetch' }],
  ])('%s', async (_, headers) => {
    await using setting = await setUpWithClock();
    const { cookie } = await setting.logIn();
    setting.pass(rotateAfter);
    const response = await get(setting, cookie, headers);
    expect([response.status, cookiesOf(response.headers)]).toStrictEqual([200, []]);
    expect(rotations(setting)).toBe(0);
    expect(cookiesOf((await get(setting, cookie)).headers)).toHaveLength(1);
  });

  test('a WebSocket: it opens with a cookie that is due, and one that was replaced', async () => {
    await using setting = await setUpWithClock();
    const { cookie } = await setting.logIn();
    const open = async (jar: string): Promise<string[]> => {
      const url = `ws://127.0.0.1:${setting.port}/ws/echo`;
      const socket = new WebSocket(url, { origin, headers: { cookie: jar } });
      const [[upgraded]] = (await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])) as [
        [{ headers: Record<string, string[] | undefined> }],
        unknown,
      ];
      socket.terminate();
      return cookiesOf(upgraded.headers);
    };
    setting.pass(rotateAfter);
    expect(await open(cookie)).toStrictEqual([]);
    expect(rotations(setting)).toBe(0);
    const jar = jarAfter(cookie, (await get(setting, cookie)).headers);
    expect(await open(cookie)).toStrictEqual([]);
    expect(await open(jar)).toStrictEqual([]);
    expect(JSON.stringify(setting.upstream.seen)).not.toContain('pawl_');
  });
});

describe('a cookie that another tab has replaced for good', () => {
  const replaced = async () => {
    const setting = await setUpWithClock();
    const { cookie } = await setting.logIn();
    setting.pass(rotateAfter);
    const jar = jarAfter(cookie, (await get(setting, cookie)).headers);
    await get(setting, jar);
    setting.pass(11_000);
    setting.upstream.seen.length = 0;
    return { setting, cookie, jar };
  };

  test('a script gets 409, a page load is sent to its own address once', async () => {
    const { setting, cookie, jar } = await replaced();
    await using _ = setting;
    const refused = await get(setting, cookie);
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text)).toMatchObject({ error: 'refresh_retry' });
    expect(refused.headers['retry-after']).toBe('1');
    expect(cookiesOf(refused.headers)).toStrictEqual([]);

    const page = { 'sec-fetch-mode': 'navigate' };
    const redirected = await get(setting, cookie, page, '/api/notes?q=1');
    expect([redirected.status, redirected.headers['location']]).toStrictEqual([303, './notes?q=1']);
    const [marker = ''] = cookiesOf(redirected.headers);
    const again = `${cookie}; ${marker.split(';')[0]}`;
    expect((await get(setting, again, page)).status).toBe(409);
    expect(setting.upstream.seen).toStrictEqual([]);
    expect((await get(setting, jar)).status).toBe(200);
  });

  test('a WebSocket is refused with 409', async () => {
    const { setting, cookie } = await replaced();
    await using _ = setting;
    const url = `ws://127.0.0.1:${setting.port}/ws/echo`;
    const socket = new WebSocket(url, { origin, headers: { cookie } });
    socket.on('error', () => {});
    const [, response] = (await once(socket, 'unexpected-response')) as [
      unknown,
      { statusCode: number; statusMessage: string },
    ];
    expect([response.statusCode, response.statusMessage]).toStrictEqual([409, 'Conflict']);
    socket.terminate();
  });

  test('later it ends the session, and is cleared', async () => {
    const { setting, cookie, jar } = await replaced();
    await using _ = setting;
    setting.pass(strikePeriod);
    const refused = await get(setting, cookie);
    expect(refused.status).toBe(401);
    expect(cookiesOf(refused.headers)).toStrictEqual([
      expect.stringMatching(/^session=; Max-Age=0/),
    ]);
    expect((await get(setting, jar)).status).toBe(401);
    expect(setting.sessionEvents.map(({ type }) => type)).toContain('reuse.detected');
    expect(setting.upstream.seen).toStrictEqual([]);
  });
});

test('several cookies of one session: the newest counts, and the API sees none', async () => {
  await using setting = await setUpWithClock();
  const { cookie } = await setting.logIn();
  setting.pass(rotateAfter);
  const jar = jarAfter(cookie, (await get(setting, cookie)).headers);
  for (const both of [`${cookie}; ${jar}`, `${jar}; ${cookie}`]) {
    const { status, headers } = await get(setting, both);
    expect(status).toBe(200);
    // The one that is in the way stands on another path than ours.
    expect(cookiesOf(headers)).toStrictEqual([
      expect.stringMatching(/^session=; Max-Age=0; Path=\/auth;/),
    ]);
    expect(headers['cache-control']).toBe('no-store');
  }
  const { cookie: other } = await setting.logIn('bob');
  expect((await get(setting, `${jar}; ${other}`)).status).toBe(401);
  expect(JSON.stringify(setting.upstream.seen)).not.toContain('pawl_');
});

test('an optional guard: a stale cookie is cleared, and the API is not called', async () => {
  await using plain = await setUpWithClock();
  await using setting = await setUpWithClock({ guard: plain.http.optionalGuard() });
  const { status, headers } = await get(setting, 'session=x');
  expect(status).toBe(401);
  expect(cookiesOf(headers)).toStrictEqual([
    expect.stringMatching(/^session=; Max-Age=0; Path=\/;/),
  ]);
  expect(setting.upstream.seen).toStrictEqual([]);
});

test('a cookie of the first edition, an access token, passes and stays as it is', async () => {
  await using setting = await setUpWithClock();
  const { accessToken } = await setting.sessions.create({ userId: 'ann' });
  for (let time = 0; time < 2; time++) {
    const { status, headers } = await get(setting, `session=${accessToken}`);
    expect([status, cookiesOf(headers)]).toStrictEqual([200, []]);
  }
  expect(setting.upstream.seen).toHaveLength(2);
  expect(JSON.stringify(setting.upstream.seen)).not.toContain('pawl_');
});
