import { ConfigurationError } from '@pawl/core';
import { expect, test } from 'vitest';
import { request } from '../../test/fixture.ts';
import type { HeaderValue } from '../request.ts';
import { type CsrfOptions, createCsrfCheck } from './verdict.ts';

const check = (headers: Record<string, HeaderValue>, options: CsrfOptions = {}) =>
  createCsrfCheck(new URL('https://app.example.com'), options)(request('POST', '/', headers));

const own = 'https://app.example.com';
const listed = { allowedOrigins: ['https://front.example.com', 'http://localhost:3000'] };

test.each<[string, Record<string, HeaderValue>, string | null]>([
  ['same-origin passes', { 'sec-fetch-site': 'same-origin' }, null],
  ['cross-site never', { 'sec-fetch-site': 'cross-site', origin: own }, 'cross_site'],
  ['same-site without an origin', { 'sec-fetch-site': 'same-site' }, 'same_site'],
  [
    'same-site, not listed',
    { 'sec-fetch-site': 'same-site', origin: 'https://b.example.com' },
    'same_site',
  ],
  [
    'same-site, listed',
    { 'sec-fetch-site': 'same-site', origin: 'https://front.example.com' },
    null,
  ],
  ['the user, navigating', { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, null],
  [
    'none without a navigation',
    { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'cors' },
    'not_navigation',
  ],
  ['none without a mode', { 'sec-fetch-site': 'none', origin: own }, 'not_navigation'],
  ['a word nobody knows', { 'sec-fetch-site': 'same_origin', origin: own }, 'fetch_site'],
  ['an empty word', { 'sec-fetch-site': '', origin: own }, 'fetch_site'],
  ['two words', { 'sec-fetch-site': ['same-origin', 'cross-site'], origin: own }, 'fetch_site'],
  ['Origin, own', { origin: own }, null],
  ['Origin, listed', { origin: 'http://localhost:3000' }, null],
  [
    'Origin, other, whatever the Referer says',
    { origin: 'https://evil.example', referer: `${own}/` },
    'origin',
  ],
  ['Origin null', { origin: 'null', referer: `${own}/` }, 'origin'],
  ['Origin empty', { origin: '', referer: `${own}/` }, 'origin'],
  ['two origins', { origin: [own, own] }, 'origin'],
  ['Referer, own', { referer: `${own}/some/page?x=1` }, null],
  ['Referer, other', { referer: 'https://evil.example/https://app.example.com' }, 'referer'],
  ['Referer, garbage', { referer: 'app.example.com' }, 'referer'],
  ['Referer of a blob', { referer: `blob:${own}/1` }, 'referer'],
  ['nothing at all: no browser', {}, null],
])('CS-01: %s', (_, headers, verdict) => {
  expect(check(headers, listed)).toBe(verdict);
});

test.each<[string, string | null]>([
  ['https://app.example.com', null],
  ['https://app.example.com:443', null],
  ['HTTPS://APP.EXAMPLE.COM', null],
  ['http://app.example.com', 'origin'],
  ['https://app.example.com:8443', 'origin'],
  ['https://app.example.com.', 'origin'],
  ['https://app.example.com.attacker.com', 'origin'],
  ['https://attacker.com/app.example.com', 'origin'],
  ['https://app.example.com@attacker.com', 'origin'],
  ['https://user@app.example.com', 'origin'],
  ['https://app.example.com/', 'origin'],
  ['https://app.example.com/path', 'origin'],
  ['https://app.example.com?', 'origin'],
  ['https://app.example.com#', 'origin'],
  ['https:\\\\app.example.com', 'origin'],
  ['https:app.example.com', 'origin'],
  [' https://app.example.com', 'origin'],
  ['https://app.exam\tple.com', 'origin'],
  ['https://sub.app.example.com', 'origin'],
  ['https://example.com', 'origin'],
  ['app.example.com', 'origin'],
  ['chrome-extension://abcdef', 'origin'],
  ['file://', 'origin'],
])('CS-02: origin %j', (origin, verdict) => {
  expect(check({ origin })).toBe(verdict);
});

test('CS-03: Host and forwarded hosts are ignored', () => {
  const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
  expect(check({ ...headers, origin: 'https://evil.example' })).toBe('origin');
  expect(check({ ...headers, origin: own })).toBeNull();
});

test('CS-04: the media type does not matter', () => {
  for (const type of ['application/json', 'text/plain', 'x', '']) {
    expect(check({ 'content-type': type, origin: 'https://evil.example' })).toBe('origin');
    expect(check({ 'content-type': type }, { missingOrigin: 'deny' })).toBe('missing_origin');
  }
});

test('missingOrigin: deny refuses programs too', () => {
  expect(check({}, { missingOrigin: 'deny' })).toBe('missing_origin');
});

test('localhost is one service under each of its names', () => {
  const local = createCsrfCheck(new URL('http://localhost:8080'), {});
  const from = (origin: string) => local(request('POST', '/', { origin }));
  expect(from('http://localhost:8080')).toBeNull();
  expect(from('http://127.0.0.1:8080')).toBeNull();
  expect(from('http://[::1]:8080')).toBeNull();
  expect(from('http://127.0.0.1:3000')).toBe('origin');
  expect(from('https://127.0.0.1:8080')).toBe('origin');
});

test('a listed origin of another site may use cookies that are SameSite=None', () => {
  const options = { allowedOrigins: ['https://other.example'] };
  const headers = { origin: 'https://other.example', 'sec-fetch-site': 'cross-site' };
  const withNone = createCsrfCheck(new URL(own), options, { crossSite: true });
  expect(withNone(request('POST', '/', headers))).toBeNull();
  expect(withNone(request('POST', '/', { ...headers, origin: own }))).toBeNull();
  expect(withNone(request('POST', '/', { ...headers, origin: 'https://evil.example' }))).toBe(
    'cross_site',
  );
  expect(withNone(request('POST', '/', { 'sec-fetch-site': 'cross-site' }))).toBe('cross_site');
  expect(check(headers, options)).toBe('cross_site');
});

test('missingOrigin: allow accepts programs, and nothing else', () => {
  const allow: CsrfOptions = { missingOrigin: 'allow' };
  expect(check({}, allow)).toBeNull();
  expect(check({ origin: 'https://evil.example' }, allow)).toBe('origin');
  expect(check({ 'sec-fetch-site': 'cross-site' }, allow)).toBe('cross_site');
  expect(check({ referer: 'https://evil.example' }, allow)).toBe('referer');
});

test.each<[string, CsrfOptions]>([
  ['missingOrigin', { missingOrigin: 'yes' as 'allow' }],
  ['allowedOrigins[0]', { allowedOrigins: ['*'] }],
  ['allowedOrigins[0]', { allowedOrigins: ['null'] }],
  ['allowedOrigins[1]', { allowedOrigins: [own, 'https://app.example.com/path'] }],
  ['allowedOrigins[0]', { allowedOrigins: ['http://app.example.com'] }],
  ['allowedOrigins[0]', { allowedOrigins: ['https://*.example.com'] }],
])('an invalid %s fails at construction: %o', (option, options) => {
  expect(() => check({}, options)).toThrow(ConfigurationError);
  expect(() => check({}, options)).toThrow(expect.objectContaining({ option }));
});
