import { ConfigurationError } from '@pawl/core';
import { expect, test } from 'vitest';
import { type CookieContext, type CookieOptions, createCookiePolicy } from './policy.ts';

const sessions: CookieContext = { endless: false, gracePeriod: 10_000 };

const policy = (
  options: CookieOptions = {},
  origin = 'https://app.example.com',
  context: CookieContext = sessions,
) => createCookiePolicy(options, new URL(origin), context);

test('CK-02: one session cookie by default', () => {
  expect(policy()).toEqual({
    mode: 'session',
    credential: { name: '__Host-session', path: '/', sameSite: 'Lax', secure: true },
    refresh: null,
  });
  expect(policy({ name: 'sid', sameSite: 'Strict' }).credential).toMatchObject({
    name: '__Host-sid',
    sameSite: 'Strict',
  });
});

test('CK-02: both cookies of a pair belong to the host alone', () => {
  expect(policy({ mode: 'pair' })).toEqual({
    mode: 'pair',
    credential: { name: '__Host-access_token', path: '/', sameSite: 'Lax', secure: true },
    refresh: { name: '__Host-refresh_token', path: '/', sameSite: 'Strict', secure: true },
  });
});

test('CK-02: the prefix that scripts cannot set, with httpPrefix', () => {
  expect(policy({ mode: 'pair', httpPrefix: true })).toMatchObject({
    credential: { name: '__Host-Http-access_token', path: '/', secure: true },
    refresh: { name: '__Host-Http-refresh_token' },
  });
  expect(policy({ httpPrefix: true }, 'http://localhost').credential.name).toBe('session');
});

test('secure auto: plain names on localhost only', () => {
  for (const origin of [
    'http://localhost:8080',
    'http://127.0.0.1',
    'http://[::1]:3000',
    'http://a.localhost',
  ]) {
    expect(policy({}, origin).credential).toMatchObject({ name: 'session', secure: false });
    expect(policy({ secure: true }, origin).credential).toMatchObject({
      name: '__Host-session',
      secure: true,
    });
  }
  expect(policy({}, 'https://localhost').credential).toMatchObject({ secure: true });
});

test.each<[string, object, (string | undefined)?, CookieContext?]>([
  ['cookies.secure', { secure: false }],
  ['cookies.httpPrefix', { httpPrefix: 'yes' }],
  ['cookies.sameSite', { sameSite: 'lax' }],
  ['cookies.sameSite', { sameSite: 'None' }, 'http://localhost'],
  ['cookies.mode', { mode: 'both' }],
  ['cookies.mode', { mode: 'token' }],
  ['cookies.name', { name: '' }],
  ['cookies.name', { name: 'a b' }],
  ['cookies.name', { name: '__HOST-a' }],
  ['cookies.accessName', { mode: 'pair', accessName: 'a b' }],
  ['cookies.refreshName', { mode: 'pair', refreshName: '__secure-a' }],
  ['cookies.refreshName', { mode: 'pair', refreshName: '__Http-a' }],
  ['cookies.refreshName', { mode: 'pair', refreshName: 'Access_Token' }],
  ['cookies.refreshName', { mode: 'pair', refreshName: false }],
  ['cookies.accessName', { accessName: 'a' }],
  ['cookies.name', { mode: 'pair', name: 'a' }],
  ['cookies.refreshPath', { mode: 'pair', refreshPath: '/auth' }],
  ['cookies.domain', { domain: 'example.com' }],
  ['cookies.mode', {}, undefined, { endless: false, gracePeriod: 0 }],
])('a contradiction names %s: %o', (option, options, origin, context) => {
  const make = () => policy(options, origin, context);
  expect(make).toThrow(expect.objectContaining({ option }));
  expect(make).toThrow(ConfigurationError);
});

test('SameSite=None is accepted if cookies are secure', () => {
  expect(policy({ sameSite: 'None' }).credential.sameSite).toBe('None');
});

test('a pair without a refresh cookie requires access tokens that live as long as the session', () => {
  const endless = { ...sessions, endless: true };
  const options = { mode: 'pair', refreshName: false } as const;
  expect(policy(options, undefined, endless)).toMatchObject({ refresh: null });
});

test('a pair does not require a grace period', () => {
  expect(policy({ mode: 'pair' }, undefined, { ...sessions, gracePeriod: 0 }).mode).toBe('pair');
});

test('without sessions there is one cookie, and no option for another mode', () => {
  const alone = (options: CookieOptions) =>
    createCookiePolicy(options, new URL('https://a.example'), null);
  expect(alone({})).toMatchObject({ mode: 'token', credential: { name: '__Host-access_token' } });
  expect(alone({ name: 'at' })).toMatchObject({ credential: { name: '__Host-at' }, refresh: null });
  for (const mode of ['session', 'pair'] as const) {
    expect(() => alone({ mode })).toThrow(expect.objectContaining({ option: 'cookies.mode' }));
  }
});
