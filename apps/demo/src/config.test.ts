import { ConfigurationError } from '@pawl/core';
import { expect, test } from 'vitest';
import { readConfig, toVariableError } from './config.ts';

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
    PAWL_SECRET: 'x'.repeat(32),
  };
  expect(readConfig(environment)).toMatchObject({ production: true, settlePeriod: undefined });
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
  ['ORIGIN', { NODE_ENV: 'production', PAWL_SECRET: 'x' }],
  ['PAWL_SECRET', { NODE_ENV: 'production', ORIGIN: 'https://a.example' }],
  [
    'PAWL_SIGNING_KEY',
    {
      NODE_ENV: 'production',
      ORIGIN: 'https://a.example',
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

test('any other error is not changed', () => {
  const error = new Error('x');
  expect(toVariableError(error)).toBe(error);
});
