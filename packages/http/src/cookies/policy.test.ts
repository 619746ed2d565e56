import { ConfigurationError } from '@pawl/core';
import { expect, test } from 'vitest';
import { type CookieOptions, createCookiePolicy } from './policy.ts';

const policy = (options: CookieOptions = {}, origin = 'https://app.example.com') =>
  createCookiePolicy(options, new URL(origin), { path: '/auth', route: '/auth/refresh' });

test('CK-02: prefixes wherever the attributes allow them', () => {
  expect(policy()).toEqual({
    access: { name: '__Host-access_token', path: '/', sameSite: 'Lax', secure: true },
    refresh: { name: '__Secure-refresh_token', path: '/auth', sameSite: 'Strict', secure: true },
  });
  const place = { path: '/', route: '/refresh' };
  const atRoot = createCookiePolicy({}, new URL('https://a.example'), place);
  expect(atRoot.refresh).toMatchObject({ name: '__Host-refresh_token', path: '/' });
});

test('CK-02: the prefix that scripts cannot set, with httpPrefix', () => {
  expect(policy({ httpPrefix: true })).toMatchObject({
    access: { name: '__Host-Http-access_token', path: '/', secure: true },
    refresh: { name: '__Secure-refresh_token' },
  });
  expect(policy({ httpPrefix: true }, 'http://localhost').access.name).toBe('access_token');
});

test('secure auto: plain names on localhost only', () => {
  for (const origin of [
    'http://localhost:8080',
    'http://127.0.0.1',
    'http://[::1]:3000',
    'http://a.localhost',
  ]) {
    expect(policy({}, origin).access).toMatchObject({ name: 'access_token', secure: false });
    expect(policy({ secure: true }, origin).access).toMatchObject({
      name: '__Host-access_token',
      secure: true,
    });
  }
  expect(policy({}, 'https://localhost').access).toMatchObject({ secure: true });
});

test.each<[string, CookieOptions, string?]>([
  ['cookies.secure', { secure: false as true }],
  ['cookies.httpPrefix', { httpPrefix: 'yes' as never }],
  ['cookies.sameSite', { sameSite: 'lax' as 'Lax' }],
  ['cookies.sameSite', { sameSite: 'None' }, 'http://localhost'],
  ['cookies.accessName', { accessName: '' }],
  ['cookies.accessName', { accessName: 'a b' }],
  ['cookies.accessName', { accessName: '__HOST-a' }],
  ['cookies.refreshName', { refreshName: '__secure-a' }],
  ['cookies.refreshName', { refreshName: '__Http-a' }],
  ['cookies.refreshName', { refreshName: 'Access_Token' }],
  ['cookies.refreshPath', { refreshPath: 'auth' }],
  ['cookies.refreshPath', { refreshPath: '/au' }],
  ['cookies.refreshPath', { refreshPath: '/auth/refresh/' }],
  ['cookies.refreshPath', { refreshPath: '/login' }],
  ['cookies.refreshPath', { refreshName: false, refreshPath: '/' }],
  ['cookies.refreshPath', { refreshPath: '/auth;Domain=example.com' }],
])('a contradiction names %s: %o', (option, options, origin) => {
  expect(() => policy(options, origin)).toThrow(expect.objectContaining({ option }));
  expect(() => policy(options, origin)).toThrow(ConfigurationError);
});

test('SameSite=None is accepted if cookies are secure', () => {
  expect(policy({ sameSite: 'None' }).access.sameSite).toBe('None');
});

test('the refresh path may be the route itself, or any path above it', () => {
  for (const refreshPath of ['/auth/refresh', '/auth', '/auth/', '/']) {
    expect(policy({ refreshPath }).refresh?.path).toBe(refreshPath);
  }
});

test('without refreshing there is one cookie, and no option for the refresh cookie', () => {
  const alone = (options: CookieOptions) =>
    createCookiePolicy(options, new URL('https://a.example'), null);
  expect(alone({ accessName: 'at' })).toMatchObject({
    access: { name: '__Host-at' },
    refresh: null,
  });
  for (const option of ['refreshName', 'refreshPath'] as const) {
    expect(() => alone({ [option]: '/a' })).toThrow(
      expect.objectContaining({ option: `cookies.${option}` }),
    );
  }
});
