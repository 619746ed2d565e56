import { ConfigurationError, generateSecret } from '@pawl/core';
import { createMemoryStore } from '@pawl/memory';
import { expect, test } from 'vitest';
import { readConfig, toVariableError } from './config.ts';
import { createIdentity } from './identity.ts';
import type { UserTable } from './users/user-table.ts';

test('S1, S3: everything has a default in development', () => {
  expect(readConfig({})).toEqual({
    production: false,
    framework: 'hono',
    store: 'sqlite:./pawl-demo.db',
    users: 'sqlite:./pawl-demo.db',
    port: 8080,
    origin: 'http://localhost:8080',
    corsOrigin: 'http://localhost:3000',
    secret: null,
    cookies: 'pair',
    rotateAfter: undefined,
    accessToken: 'opaque',
    signingKey: null,
    preset: 'default',
    accessTokenLifetime: 900_000,
    refreshTokenLifetime: 7 * 86_400_000,
    idleTimeout: undefined,
    settlePeriod: 2_000,
    trustedProxies: [],
    rateLimits: true,
  });
  expect(readConfig({ PORT: '81' }).origin).toBe('http://localhost:81');
});

test('a preset that is chosen by name is not changed', () => {
  const config = readConfig({ PRESET: 'default' });
  expect(config.settlePeriod).toBeUndefined();
  expect(config.accessTokenLifetime).toBeUndefined();
  expect(readConfig({ PRESET: 'strict', ACCESS_TOKEN_LIFETIME: '60' })).toMatchObject({
    accessTokenLifetime: 60_000,
    settlePeriod: undefined,
  });
});

test('COOKIES=session: the cookie rotates within seconds, unless a preset or ROTATE_AFTER is set', () => {
  const rotateAfterOf = (environment: Record<string, string>): number | undefined =>
    readConfig({ COOKIES: 'session', ...environment }).rotateAfter;
  expect(rotateAfterOf({})).toBe(10_000);
  expect(rotateAfterOf({ PRESET: 'default' })).toBeUndefined();
  expect(rotateAfterOf({ ROTATE_AFTER: '600' })).toBe(600_000);
  expect(rotateAfterOf({ PRESET: 'aal2', ROTATE_AFTER: '5' })).toBe(5_000);
});

test('production keeps the settle period of its preset', () => {
  const environment = {
    NODE_ENV: 'production',
    ORIGIN: 'https://a.example',
    CORS_ORIGIN: 'https://www.a.example',
    PAWL_SECRET: 'x'.repeat(32),
  };
  expect(readConfig(environment)).toMatchObject({ production: true, settlePeriod: undefined });
  expect(readConfig({ ...environment, CORS_ORIGIN: 'none' }).corsOrigin).toBeNull();
});

test('S1: lifetimes are settings, and what is not set adapts itself to what is', () => {
  const lifetimesOf = (environment: Record<string, string>): number[] => {
    const { sessions } = createIdentity(
      { users: {} as UserTable, store: createMemoryStore() },
      readConfig(environment),
      { secret: generateSecret(), signingKey: null },
      () => {},
      Date.now,
    );
    const { accessTokenLifetime, idleTimeout, absoluteTimeout } = sessions.times;
    return [accessTokenLifetime, idleTimeout, absoluteTimeout].map((ms) => ms / 1_000);
  };
  const day = 86_400;
  expect(lifetimesOf({})).toEqual([900, 7 * day, 7 * day]);
  expect(lifetimesOf({ REFRESH_TOKEN_LIFETIME: '60' })).toEqual([30, 60, 60]);
  expect(lifetimesOf({ REFRESH_TOKEN_LIFETIME: '1200' })).toEqual([600, 1_200, 1_200]);
  expect(lifetimesOf({ REFRESH_TOKEN_LIFETIME: '5184000' })).toEqual([900, 14 * day, 60 * day]);
  expect(lifetimesOf({ IDLE_TIMEOUT: '3600' })).toEqual([900, 3_600, 7 * day]);
  expect(lifetimesOf({ IDLE_TIMEOUT: '600' })).toEqual([300, 600, 7 * day]);
  expect(lifetimesOf({ ACCESS_TOKEN_LIFETIME: '12' })).toEqual([12, 7 * day, 7 * day]);
  expect(lifetimesOf({ PRESET: 'aal2' })).toEqual([600, 3_600, day]);
  expect(lifetimesOf({ PRESET: 'aal2', REFRESH_TOKEN_LIFETIME: '600' })).toEqual([300, 600, 600]);
  expect(lifetimesOf({ PRESET: 'default' })).toEqual([600, 14 * day, 30 * day]);
});

test.each([
  ['memory', 'sqlite::memory:'],
  ['redis://127.0.0.1', 'sqlite:./pawl-demo.db'],
  ['postgres://127.0.0.1/demo', 'postgres://127.0.0.1/demo'],
])('users of STORE=%s are in %s', (STORE, users) => {
  expect(readConfig({ STORE }).users).toBe(users);
});

test.each([
  ['PORT', { PORT: 'x' }],
  ['PRESET', { PRESET: 'loose' }],
  ['RATE_LIMITS', { RATE_LIMITS: 'some' }],
  ['PORT', { PORT: '70000' }],
  ['FRAMEWORK', { FRAMEWORK: 'koa' }],
  ['COOKIES', { COOKIES: 'three' }],
  ['ROTATE_AFTER', { ROTATE_AFTER: '10' }],
  ['ROTATE_AFTER', { COOKIES: 'pair', ROTATE_AFTER: '10' }],
  ['ROTATE_AFTER', { COOKIES: 'session', ROTATE_AFTER: '4' }],
  ['ROTATE_AFTER', { COOKIES: 'session', ROTATE_AFTER: '10s' }],
  ['ACCESS_TOKEN', { ACCESS_TOKEN: 'paseto' }],
  ['ACCESS_TOKEN_LIFETIME', { ACCESS_TOKEN_LIFETIME: '0' }],
  ['REFRESH_TOKEN_LIFETIME', { REFRESH_TOKEN_LIFETIME: '59' }],
  ['REFRESH_TOKEN_LIFETIME', { REFRESH_TOKEN_LIFETIME: '7d' }],
  ['IDLE_TIMEOUT', { IDLE_TIMEOUT: '604801' }],
  ['IDLE_TIMEOUT', { REFRESH_TOKEN_LIFETIME: '3600', IDLE_TIMEOUT: '3601' }],
  ['ORIGIN', { NODE_ENV: 'production', PAWL_SECRET: 'x' }],
  [
    'CORS_ORIGIN',
    { NODE_ENV: 'production', ORIGIN: 'https://a.example', PAWL_SECRET: 'x'.repeat(32) },
  ],
  ['PAWL_SECRET', { NODE_ENV: 'production', ORIGIN: 'https://a.example', CORS_ORIGIN: 'none' }],
  [
    'PAWL_SIGNING_KEY',
    {
      NODE_ENV: 'production',
      ORIGIN: 'https://a.example',
      CORS_ORIGIN: 'none',
      PAWL_SECRET: 'x',
      ACCESS_TOKEN: 'jwt',
    },
  ],
])('a wrong or missing %s is named: %o', (option, environment) => {
  expect(() => readConfig(environment)).toThrow(expect.objectContaining({ option }));
});

test('proxies are a list', () => {
  const { trustedProxies } = readConfig({ TRUSTED_PROXIES: '10.0.0.0/8, 127.0.0.1' });
  expect(trustedProxies).toEqual(['10.0.0.0/8', '127.0.0.1']);
});

test.each([
  ['allowedOrigins[0]', 'CORS_ORIGIN'],
  ['origin', 'ORIGIN'],
  ['secrets', 'PAWL_SECRET'],
  ['cookies.mode', 'COOKIES'],
  ['rotateAfter', 'ROTATE_AFTER'],
  ['trustedProxies', 'TRUSTED_PROXIES'],
  ['STORE', 'STORE'],
])('an error about %s becomes one about %s', (option, variable) => {
  expect(toVariableError(new ConfigurationError(option, 'is wrong'))).toMatchObject({
    option: variable,
    message: `${variable}: is wrong`,
  });
});

test('an option that the problem names becomes its variable, too', () => {
  const error = new ConfigurationError('idleTimeout', 'must not be longer than absoluteTimeout');
  expect(toVariableError(error)).toMatchObject({
    message: 'IDLE_TIMEOUT: must not be longer than REFRESH_TOKEN_LIFETIME',
  });
});

test('any other error is not changed', () => {
  const error = new Error('x');
  expect(toVariableError(error)).toBe(error);
});
