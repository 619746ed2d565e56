import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

test('everything has a default in development', () => {
  const config = readConfig({});
  expect(config).toMatchObject({
    port: 8080,
    origin: 'http://localhost:8080',
    corsOrigin: 'http://localhost:3000',
    preset: 'default',
  });
  expect(config.secret.length).toBeGreaterThan(32);
  expect(readConfig({}).secret).not.toBe(config.secret);
  expect(readConfig({ PORT: '81' }).origin).toBe('http://localhost:81');
});

test.each([
  ['PORT', { PORT: 'x' }],
  ['PORT', { PORT: '70000' }],
  ['ORIGIN', { NODE_ENV: 'production', PAWL_SECRET: 'x' }],
  ['PAWL_SECRET', { NODE_ENV: 'production', ORIGIN: 'https://a.example' }],
])('a wrong or missing %s is named: %o', (option, env) => {
  expect(() => readConfig(env)).toThrow(expect.objectContaining({ option }));
});
