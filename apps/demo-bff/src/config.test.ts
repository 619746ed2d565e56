import { expect, test } from 'vitest';
import { placesOf, readConfig } from './config.ts';

test('every setting has a default', () => {
  const config = readConfig({});
  expect(config).toEqual({
    port: 8090,
    providerPort: 8091,
    apiPort: 8092,
    accessTokenLifetime: 10,
  });
  expect(placesOf(config)).toEqual({
    origin: 'http://localhost:8090',
    issuer: 'http://127.0.0.1:8091',
    api: 'http://127.0.0.1:8092',
  });
});

test.each([
  ['PORT', 'http'],
  ['PORT', '65536'],
  ['PROVIDER_PORT', '0'],
  ['API_PORT', '1.5'],
  ['ACCESS_TOKEN_LIFETIME', '1'],
])('%s=%s throws an error that names it', (name, value) => {
  expect(() => readConfig({ [name]: value })).toThrow(name);
});
