import { expect, it } from 'vitest';
import { isLoopback, isSecureUrl } from './loopback.ts';

it.each([
  'http://localhost',
  'http://app.localhost:8080',
  'http://127.0.0.1',
  'http://127.1.2.3:80',
  'http://127.1',
  'http://[::1]:8080',
  'http://LOCALHOST',
])('%s is this machine', (address) => {
  expect(isLoopback(new URL(address).hostname)).toBe(true);
});

it('an IPv6 address needs no brackets', () => {
  expect(isLoopback('::1')).toBe(true);
});

it.each([
  'http://localhost.example.com',
  'http://notlocalhost',
  'http://127.0.0.1.example.com',
  'http://128.0.0.1',
  'http://10.0.0.1',
  'http://0.0.0.0',
  'http://[::2]',
  'http://[::ffff:127.0.0.1]',
])('%s may be another machine', (address) => {
  expect(isLoopback(new URL(address).hostname)).toBe(false);
});

it('tokens go over https, over http on this machine, and elsewhere only if it is allowed', () => {
  const isSecure = (url: string, allow?: boolean): boolean => isSecureUrl(new URL(url), allow);
  expect(isSecure('https://app.example.com')).toBe(true);
  expect(isSecure('http://keycloak.localhost:8080')).toBe(true);
  expect(isSecure('http://keycloak:8080')).toBe(false);
  expect(isSecure('http://keycloak:8080', true)).toBe(true);
  for (const url of ['ftp://localhost', 'ws://localhost', 'file:///etc']) {
    expect([isSecure(url), isSecure(url, true)]).toStrictEqual([false, false]);
  }
});
