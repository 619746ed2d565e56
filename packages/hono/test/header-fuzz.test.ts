import { connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listen, secret, setUp } from './service.ts';

/** Text that a header may hold on the wire: no controls but tab, up to U+00FF. */
const latin = fc.string({
  unit: fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
  maxLength: 60,
});
const tokenLike = fc.string({
  unit: fc.constantFrom(...'abcXYZ019-_.~+/='.split('')),
  maxLength: 130,
});
const value = fc.oneof(
  latin,
  tokenLike.map((token) => `Bearer ${token}`),
  tokenLike.map((token) => `Bearer pawl_at_${token}`),
  tokenLike.map((token) => `access_token=pawl_at_${token}; refresh_token=${token}`),
  fc.array(latin, { maxLength: 4 }).map((all) => `access_token=${all.join('; access_token=')}`),
  fc.constantFrom('same-origin', 'none', 'null', 'application/json', 'http://localhost:8080', ''),
);
const name = fc.constantFrom(
  'authorization',
  'cookie',
  'origin',
  'referer',
  'sec-fetch-site',
  'sec-fetch-mode',
  'content-type',
  'content-encoding',
  'user-agent',
  'x-forwarded-for',
  'forwarded',
);
const headers = fc.array(fc.tuple(name, value), { maxLength: 8 });

const start = async () => {
  const setting = await setUp();
  const failures: unknown[] = [];
  setting.app.onError((error, c) => {
    if ('getResponse' in error) return (error.getResponse as () => Response)();
    failures.push(error);
    return c.text('failed', 500);
  });
  for (const method of ['GET', 'POST']) {
    setting.app.on(method, '/mine', setting.pawl.guard(), (c) => c.text('in'));
  }
  setting.app.get('/anyone', setting.pawl.optional(), (c) =>
    c.text(c.var.auth?.userId ?? 'nobody'),
  );
  setting.app.route('/', setting.pawl.routes());
  return { ...setting, failures, server: await listen(setting.app) };
};

/** What strangers may be answered: never 5xx, never what is behind a guard. */
const routes: readonly [method: string, path: string, answer: RegExp][] = [
  ['GET', '/mine', /^401 /],
  ['POST', '/mine', /^40[13] /],
  ['GET', '/anyone', /^(200 nobody$|401 )/],
  ['POST', '/auth/refresh', /^(400|401|403|415) /],
  ['POST', '/auth/logout', /^(204|400|401|403|415) /],
  ['GET', '/auth/session', /^200 \{"authenticated":false\}$/],
  ['GET', '/auth/sessions', /^401 /],
  ['DELETE', '/auth/sessions', /^40[13] /],
  ['DELETE', '/auth/sessions/x', /^40[13] /],
  ['POST', '/login', /^(200|403) /],
];

test('no header opens a guard, breaks a route, or makes it fail', { timeout: 60_000 }, async () => {
  const { server, failures } = await start();
  await using _ = server;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...routes),
      headers,
      fc.string({ maxLength: 30 }),
      async ([method, path, expected], list, body) => {
        const sent = ['host', 'localhost', ...list.flat()];
        const bytes = method === 'POST' && path.startsWith('/auth') ? body : undefined;
        if (bytes !== undefined) sent.push('content-length', String(Buffer.byteLength(bytes)));
        const { status, text } = await server.send(method, path, sent, bytes);
        expect(`${status} ${text}`).toMatch(expected);
      },
    ),
    { numRuns: 1_000 },
  );
  expect(failures).toEqual([]);
});

test('64 KiB of a header, and bytes that are no HTTP, end in 4xx or a closed socket', async () => {
  const { server, failures } = await start();
  await using _ = server;
  const port = Number(new URL(server.url).port);
  const raw = (bytes: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.from(bytes, 'latin1')));
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        socket.end();
      });
      socket.on('error', () => resolve(text));
      socket.on('close', () => resolve(text));
    });
  const long = 'a'.repeat(65_536);
  for (const lines of [
    `authorization: Bearer ${long}`,
    `cookie: access_token=${long}`,
    'authorization: Bearer a\0b',
    'cookie: access_token=\x01',
    'authorization : Bearer a',
    ' authorization: Bearer a',
  ]) {
    const answer = await raw(`GET /mine HTTP/1.1\r\nhost: localhost\r\n${lines}\r\n\r\n`);
    expect(answer === '' || answer.startsWith('HTTP/1.1 4')).toBe(true);
  }
  expect(failures).toEqual([]);
});

test('every token with one bit, or its ends, changed is refused', async () => {
  const { server, sessions } = await start();
  await using _ = server;
  const { accessToken } = await sessions.create({ userId: 'ann' });
  expect(accessToken).not.toContain(secret);
  const send = async (authorization: string) =>
    (await server.send('GET', '/mine', { authorization })).status;
  expect(await send(`Bearer ${accessToken}`)).toBe(200);
  const changed = [
    ...Array.from({ length: 40 }, (_, index) => {
      const at = 8 + index * 2;
      const code = accessToken.charCodeAt(at) === 65 ? 'B' : 'A';
      return accessToken.slice(0, at) + code + accessToken.slice(at + 1);
    }),
    accessToken.slice(0, -1),
    `${accessToken}=`,
    `${accessToken}A`,
    accessToken.slice(8),
    accessToken.toUpperCase(),
    `pawl_rt_${accessToken.slice(8)}`,
  ];
  for (const token of changed) expect(await send(`Bearer ${token}`)).toBe(401);
});
