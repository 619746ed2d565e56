import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import type { Route } from '../route-table.ts';
import type { ProxySettings } from '../settings.ts';
import { commonHeaders } from './common-headers.ts';
import { requestHeaders } from './request-headers.ts';
import { responseHeaders } from './response-headers.ts';

/** The lines that are sent to the API, of these lines. */
const up = (...lines: [string, string][]): string[] => {
  const connection = lines
    .filter(([name]) => name.toLowerCase() === 'connection')
    .map(([, value]) => value)
    .join(', ');
  const sent = requestHeaders(
    { rawHeaders: lines.flat(), headers: connection === '' ? {} : { connection } },
    new Set(['x-client-address']),
  );
  return sent
    .filter((_, index) => index % 2 === 0)
    .map((name, index) => `${name}: ${sent[2 * index + 1]}`);
};

test('other headers are sent as they are, duplicates in their order', () => {
  expect(
    up(
      ['Accept', 'text/html'],
      ['X-One', '1'],
      ['Content-Type', 'a/b'],
      ['X-One', '2'],
      ['Content-Length', '3'],
    ),
  ).toStrictEqual([
    'Accept: text/html',
    'X-One: 1',
    'Content-Type: a/b',
    'X-One: 2',
    'Content-Length: 3',
  ]);
});

test.each([
  // C13, BFF-06: credentials of the browser
  'Cookie',
  'COOKIE',
  'cookie2',
  'Authorization',
  'DPoP',
  'Proxy-Authorization',
  // hop-by-hop
  'Connection',
  'Keep-Alive',
  'Proxy-Connection',
  'TE',
  'Trailer',
  'Transfer-Encoding',
  'Upgrade',
  'HTTP2-Settings',
  // PX-04: a second body length
  'Content_Length',
  // BFF-13, PX-04: the client's address
  'X-Forwarded-For',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-Prefix',
  'X-Forwarded-Anything',
  'Forwarded',
  'Via',
  'X-Real-IP',
  'CF-Connecting-IP',
  'True-Client-IP',
  'X-Client-IP',
  'X-Client-Address',
  // other spellings, as CGI reads them
  'X_Forwarded_For',
  'x_forwarded-for',
  'X-Forwarded_Host',
  'X_REAL_IP',
  'true_client_ip',
  'transfer_encoding',
  'X_Client-Address',
  'Proxy_Authorization',
  // headers that would change the request
  'Host',
  'Expect',
  'X-HTTP-Method-Override',
  'X-Original-URL',
  'X-Rewrite-URL',
  'X_Method_Override',
  // headers that concern only this origin
  'Origin',
  'Referer',
  'Sec-Fetch-Site',
  'Sec-WebSocket-Key',
  'X-BFF',
  ':authority',
])('PX-04: %s is not sent to the API', (name) => {
  expect(up([name, 'a'], ['Accept', '*/*'])).toStrictEqual(['Accept: */*']);
});

test.each([
  ['X-Secret'],
  ['x-secret, close'],
  ['close,X-SECRET'],
  [' x-secret '],
  ['x_secret'],
  ['keep-alive,, x-secret'],
])('headers that Connection lists (%s) are removed, in any spelling', (connection) => {
  expect(
    up(['Connection', connection], ['X-Secret', 'a'], ['X_Secret', 'b'], ['Accept', '*/*']),
  ).toStrictEqual(['Accept: */*']);
});

test('Connection cannot remove the length of the body', () => {
  expect(
    up(['Connection', 'content-length, accept'], ['Content-Length', '3'], ['Accept', '*/*']),
  ).toStrictEqual(['Content-Length: 3']);
});

const route = {
  prefix: '/api',
  origin: 'https://internal.example',
  base: '/v1',
  isPublic: false,
} as Route;

const down = (
  headers: Record<string, string | string[]>,
  over: Partial<Route> = {},
): Record<string, string[]> => {
  const sent = responseHeaders(headers, { ...route, ...over }, '/v1/notes/7');
  const found: Record<string, string[]> = {};
  for (let i = 0; i < sent.length; i += 2) {
    (found[sent[i] as string] ??= []).push(sent[i + 1] as string);
  }
  return found;
};
const always = { 'cache-control': ['no-store'], 'x-content-type-options': ['nosniff'] };

test('the headers of a response are sent on, with nosniff', () => {
  expect(down({ 'content-type': 'a/b', link: ['<a>', '<b>'], etag: '"1"' })).toStrictEqual({
    'content-type': ['a/b'],
    link: ['<a>', '<b>'],
    etag: ['"1"'],
    ...always,
  });
  expect(down({ 'x-content-type-options': 'sniff' })).toStrictEqual(always);
});

test.each([
  'set-cookie',
  'set-cookie2',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
  'dpop-nonce',
  'clear-site-data',
  'alt-svc',
  'strict-transport-security',
  'service-worker-allowed',
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-expose-headers',
  'set_cookie',
  'report-to',
])('%s is not sent to the client', (name) => {
  expect(down({ [name]: 'a' })).toStrictEqual(always);
});

test('headers that the API’s Connection lists are not sent to the client', () => {
  expect(
    down({ connection: 'close, X-Internal', 'x-internal': 'a', 'x-other': 'b' }),
  ).toStrictEqual({
    'x-other': ['b'],
    ...always,
  });
});

test.each([
  [undefined, 'no-store'],
  ['max-age=60', 'max-age=60, private'],
  ['no-cache', 'no-cache, private'],
  ['public, max-age=60', 'public, max-age=60'],
  ['private', 'private'],
  ['no-store', 'no-store'],
  ['S-MaxAge=5', 'S-MaxAge=5'],
])('RFC 9111 § 3.5: Cache-Control %s becomes %s', (given, expected) => {
  const headers: Record<string, string> = given === undefined ? {} : { 'cache-control': given };
  expect(down(headers)['cache-control']).toStrictEqual([expected]);
});

test('a public route leaves caching to the API', () => {
  expect(down({}, { isPublic: true })).toStrictEqual({ 'x-content-type-options': ['nosniff'] });
  expect(down({ 'cache-control': 'max-age=5' }, { isPublic: true })['cache-control']).toStrictEqual(
    ['max-age=5'],
  );
});

test.each([
  ['/v1/notes/8', '/api/notes/8'],
  ['8?q=1#f', '/api/notes/8?q=1#f'],
  ['https://internal.example/v1/x', '/api/x'],
  ['/v1', '/api'],
  ['/v2/notes', undefined],
  ['/v10/notes', undefined],
  ['/v1/../admin', undefined],
  ['https://internal.example/', undefined],
  ['https://storage.example/file?sig=1', 'https://storage.example/file?sig=1'],
  ['//storage.example/file', 'https://storage.example/file'],
  ['javascript:alert(1)', undefined],
  ['http://[', undefined],
])('Location %s becomes %s', (given, expected) => {
  expect(down({ location: given })['location']?.[0]).toBe(expected);
});

test('a Location never names another host, and is removed if paths are rewritten', () => {
  const root = { prefix: '', base: '' };
  expect(down({ location: 'https://internal.example//evil.example' }, root)).toStrictEqual(always);
  expect(down({ location: '/v1/x' }, { rewrite: (path) => path })).toStrictEqual(always);
});

test('PX-02: an IPv4 peer of a dual-stack socket is written as IPv4', () => {
  const seenAs = (remoteAddress: string | undefined): string[] => {
    const settings = {
      options: {},
      addressHeader: 'x-forwarded-for',
      ownHeaders: new Set<string>(),
    };
    const request = { rawHeaders: [], headers: {}, socket: { remoteAddress } };
    return commonHeaders(
      settings as unknown as ProxySettings,
      request as unknown as IncomingMessage,
    );
  };
  expect(seenAs('::ffff:192.0.2.1')).toStrictEqual(['x-forwarded-for', '192.0.2.1']);
  expect(seenAs('192.0.2.1')).toStrictEqual(['x-forwarded-for', '192.0.2.1']);
  expect(seenAs('2001:db8::1')).toStrictEqual(['x-forwarded-for', '2001:db8::1']);
  expect(seenAs('::ffff:c000:201')).toStrictEqual(['x-forwarded-for', '::ffff:c000:201']);
  expect(seenAs(undefined)).toStrictEqual([]);
});
