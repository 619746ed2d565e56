import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import type { Route } from '../route-table.ts';
import type { ProxySettings } from '../settings.ts';
import { createAllowedHeaders } from './allowed-headers.ts';
import { commonHeaders } from './common-headers.ts';
import { requestHeaders } from './request-headers.ts';
import { responseHeaders } from './response-headers.ts';

const allowed = createAllowedHeaders(
  [
    ['', { requestHeaders: ['x-one'], responseHeaders: ['X-Other'] }],
    ['routes[0].', { requestHeaders: ['X-Secret'], responseHeaders: ['x-internal'] }],
  ],
  false,
  'x-client-address',
);

/** The lines that are sent to the API, of these lines. */
const up = (...lines: [string, string][]): string[] => {
  const connection = lines
    .filter(([name]) => name.toLowerCase() === 'connection')
    .map(([, value]) => value)
    .join(', ');
  const sent = requestHeaders(
    { rawHeaders: lines.flat(), headers: connection === '' ? {} : { connection } },
    allowed.request,
  );
  return sent
    .filter((_, index) => index % 2 === 0)
    .map((name, index) => `${name}: ${sent[2 * index + 1]}`);
};

test('allowed and named headers are sent as they are, duplicates in their order', () => {
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
  // who the client would like to be
  'X-User',
  'X-User-Id',
  'X-Authenticated-User',
  'X-Auth-Request-Email',
  'X-Remote-User',
  'Remote-User',
  'X-Amzn-Oidc-Identity',
  'X-Goog-Authenticated-User-Email',
  'X-MS-Client-Principal',
  'X-Client-Cert',
  'SSL-Client-Verify',
  'CF-Access-Authenticated-User-Email',
  'CF-IPCountry',
  'CF-Ray',
  'Fly-Client-IP',
  'Fly-Forwarded-Port',
  'Fastly-Client-IP',
  'X-Azure-ClientIP',
  'X-Envoy-External-Address',
  'X-Appengine-User-Email',
  'X-Vercel-Forwarded-For',
  'X-Original-Host',
  'X-Host',
  'X-ProxyUser-Ip',
  'X-Scheme',
  'Front-End-Https',
  'X-Api-Key',
  'X-Middleware-Subrequest',
  'Secure-Session-Response',
  'From',
  'Early-Data',
  'Max-Forwards',
  'Destination',
  // what nobody knows
  'X-Anything',
  'Accept_Language',
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

test.each([
  'Accept',
  'Accept-Language',
  'Cache-Control',
  'Content-Disposition',
  'Content-Digest',
  'Content-Encoding',
  'Content-Range',
  'Idempotency-Key',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'If-Unmodified-Since',
  'Last-Event-ID',
  'Prefer',
  'Range',
  'traceparent',
  'tracestate',
  'Upload-Offset',
  'User-Agent',
  'X-Request-ID',
])('what applications need: %s is sent to the API', (name) => {
  expect(up([name, 'a'])).toStrictEqual([`${name}: a`]);
});

test.each([
  'cookie',
  'Authorization',
  'dpop',
  'host',
  'transfer-encoding',
  'x-client-address',
  'x_one',
  'x one',
  '',
])('%j cannot be added to the request headers', (name) => {
  const make = () =>
    createAllowedHeaders([['routes[3].', { requestHeaders: [name] }]], false, 'x-client-address');
  expect(make).toThrow(expect.objectContaining({ option: 'routes[3].requestHeaders' }));
});

test.each(['Set-Cookie', 'access-control-allow-origin', 'dpop-nonce', 'upgrade', 'é'])(
  '%j cannot be added to the response headers',
  (name) => {
    const make = () => createAllowedHeaders([['', { responseHeaders: [name] }]], false, null);
    expect(make).toThrow(expect.objectContaining({ option: 'responseHeaders' }));
  },
);

const route = {
  headers: allowed,
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
const sandbox = "default-src 'none'; frame-ancestors 'self'; sandbox";
const always = {
  'cache-control': ['no-store'],
  'content-security-policy': [sandbox],
  'x-content-type-options': ['nosniff'],
};

test('the headers of a response are sent on, with nosniff', () => {
  expect(
    down({ 'content-type': 'a/b', vary: ['accept', 'origin'], etag: '"1"', 'x-other': 'c' }),
  ).toStrictEqual({
    'content-type': ['a/b'],
    vary: ['accept', 'origin'],
    etag: ['"1"'],
    'x-other': ['c'],
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
  'reporting-endpoints',
  'nel',
  'cdn-cache-control',
  'cloudflare-cdn-cache-control',
  'netlify-cdn-cache-control',
  'vercel-cdn-cache-control',
  'surrogate-control',
  'surrogate-key',
  'cache-tag',
  'edge-control',
  'x-accel-redirect',
  'x-accel-expires',
  'x-accel-buffering',
  'x-accel-charset',
  'x-accel-limit-rate',
  'x-sendfile',
  'x-lighttpd-send-file',
  'x-reproxy-url',
  'secure-session-registration',
  'secure-session-challenge',
  'secure-session-id',
  'sec-session-registration',
  'set-login',
  'idp-signin-status',
  'refresh',
  'origin-trial',
  'accept-ch',
  'critical-ch',
  'content-security-policy',
  'content-security-policy-report-only',
  'permissions-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'x-frame-options',
  'x-xss-protection',
  'x-dns-prefetch-control',
  'sourcemap',
  'speculation-rules',
  'supports-loading-mode',
  'server',
  'x-powered-by',
  'via',
  'age_',
  'x-anything',
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
  'accept-ranges',
  'allow',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-range',
  'etag',
  'expires',
  'last-modified',
  'ratelimit',
  'retry-after',
  'traceresponse',
  'vary',
  'x-request-id',
])('what applications need: %s is sent to the client', (name) => {
  expect(down({ [name]: 'a' })).toStrictEqual({ [name]: ['a'], ...always });
});

test('only a document says itself what it may do', () => {
  const headers = createAllowedHeaders([], true, null);
  const page = { 'content-type': 'text/html', 'content-security-policy': "script-src 'self'" };
  expect(down(page, { isDocument: true, headers })).toStrictEqual({
    'content-type': ['text/html'],
    'content-security-policy': ["script-src 'self'"],
    'cache-control': ['no-store'],
    'x-content-type-options': ['nosniff'],
  });
  expect(down(page, { isPublic: true })).toStrictEqual({
    'content-type': ['text/html'],
    'content-security-policy': [sandbox],
    'x-content-type-options': ['nosniff'],
  });
});

test.each([
  ['<https://api.example/items?page=2>; rel="next"', true],
  ['<?a,b>; rel=next; title="a, \\"b\\""', true],
  ['</x>; rel="self alternate"', true],
  ['</x.js>; rel=preload; as=script', false],
  ['</x>; rel="next preload"', false],
  ['</x>; rel=next; rel=preload', false],
  ['</x>; REL=Stylesheet', false],
  ['</x>; rel=next; as=script', false],
  ['</x>', false],
  ['</m>; rel=manifest', false],
  ['https://a', false],
  ['</x>; rel="next', false],
])('Link: %s passes: %s', (link, passes) => {
  expect(down({ link }).link).toStrictEqual(passes ? [link] : undefined);
});

test('of several links, those that load something are removed', () => {
  const link = ['<a>; rel=preload; as=script, <b>; rel=next', '<c>; rel=prev'];
  expect(down({ link }).link).toStrictEqual(['<b>; rel=next, <c>; rel=prev']);
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
  expect(down({}, { isPublic: true })).toStrictEqual({
    'content-security-policy': [sandbox],
    'x-content-type-options': ['nosniff'],
  });
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
    };
    const request = { rawHeaders: [], headers: {}, socket: { remoteAddress } };
    return commonHeaders(
      settings as unknown as ProxySettings,
      route,
      request as unknown as IncomingMessage,
    );
  };
  expect(seenAs('::ffff:192.0.2.1')).toStrictEqual(['x-forwarded-for', '192.0.2.1']);
  expect(seenAs('192.0.2.1')).toStrictEqual(['x-forwarded-for', '192.0.2.1']);
  expect(seenAs('2001:db8::1')).toStrictEqual(['x-forwarded-for', '2001:db8::1']);
  expect(seenAs('::ffff:c000:201')).toStrictEqual(['x-forwarded-for', '::ffff:c000:201']);
  expect(seenAs(undefined)).toStrictEqual([]);
});
