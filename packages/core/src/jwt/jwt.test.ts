import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../errors.ts';
import { createJwt, type JwtOptions } from './jwt.ts';
import { generateSigningKey } from './signing-key.ts';

const key = await generateSigningKey('EdDSA', { kid: 'k' });
const options: JwtOptions = { issuer: 'https://i.example', audience: 'api', keys: [key] };

const optionRefused = (change: Record<string, unknown>): string | undefined => {
  try {
    createJwt({ ...options, ...change } as JwtOptions);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).option;
  }
};

describe('options are checked at construction, by name', () => {
  const wrong: [string, unknown[]][] = [
    ['issuer', [undefined, null, '', 7, ['i'], 'x'.repeat(2049)]],
    ['audience', [undefined, null, '', [], [''], [7], Array(33).fill('a')]],
    ['clientId', ['', 7, 'x'.repeat(256)]],
    ['typ', ['', 7, null, 'application/at+jwt', 'AT+JWT', 'at jwt', 'x'.repeat(65)]],
    ['clockTolerance', [-1, 60_001, 0.5, Number.NaN, Number.POSITIVE_INFINITY, '5000']],
    ['maxLength', [0, 255, 65_537, Number.POSITIVE_INFINITY, '8192']],
    ['cacheSize', [-1, 1_000_001, 0.5, Number.POSITIVE_INFINITY, '10']],
    ['keys', [undefined, null, []]],
  ];
  test.each(wrong)('%s', (option, values) => {
    for (const value of values)
      expect([value, optionRefused({ [option]: value })]).toEqual([value, option]);
  });

  const right: [string, unknown[]][] = [
    ['audience', ['a', ['a'], ['a', 'b']]],
    ['clientId', ['c', undefined]],
    ['typ', ['at+jwt', 'logout+jwt', undefined]],
    ['clockTolerance', [0, 60_000, undefined]],
    ['maxLength', [256, 65_536, undefined]],
    ['cacheSize', [0, 1, 2, 1_000_000, undefined]],
  ];
  test.each(right)('%s, within bounds', (option, values) => {
    for (const value of values) expect(optionRefused({ [option]: value })).toBeUndefined();
  });
});

test('later changes of the options change nothing', async () => {
  const audience = ['api'];
  const keys = [key];
  const jwt = createJwt({ ...options, audience, keys, clientId: 'c', clock: () => 1_000_000 });
  audience[0] = 'other';
  keys.length = 0;
  const token = await jwt.sign({ sub: 'u', iat: 1000, exp: 1600, jti: 'j' });
  expect((await jwt.verify(token)).payload.aud).toEqual(['api']);
});

test('the machine’s clock and the platform’s hashes are the defaults', async () => {
  const jwt = createJwt({ ...options, clientId: 'c' });
  const iat = Math.floor(Date.now() / 1000);
  const token = await jwt.sign({ sub: 'u', iat, exp: iat + 600, jti: 'j' });
  await jwt.verify(token);
  await jwt.verify(token);
  expect(jwt.verify(token)).not.toBeInstanceOf(Promise);
});

test('the JWKS document is made once', async () => {
  const jwt = createJwt(options);
  expect(await jwt.jwks()).toBe(await jwt.jwks());
  expect((await jwt.jwks()).keys).toMatchObject([{ kid: 'k', alg: 'EdDSA', use: 'sig' }]);
});
