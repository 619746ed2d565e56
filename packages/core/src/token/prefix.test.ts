import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../errors.ts';
import { validatePrefix } from './prefix.ts';

describe('a prefix', () => {
  it('is what goes into a header, a cookie and a URL as it is', () => {
    for (const prefix of ['', 'pawl_rt_', 'acme-', 'a.b~', 'x'.repeat(32)]) {
      expect(validatePrefix('prefix', prefix)).toBe(prefix);
    }
  });

  it('is refused by the name of its option otherwise', () => {
    const odd = [
      'x'.repeat(33),
      ' ',
      'a b',
      'a;',
      'a,',
      'a"',
      'a=',
      'a\n',
      'é',
      null,
      5,
      {},
      ['a'],
    ];
    for (const prefix of odd) {
      expect(() => validatePrefix('refreshTokenPrefix', prefix as string)).toThrow(
        new ConfigurationError('refreshTokenPrefix', 'must be at most 32 of A-Za-z0-9._~-'),
      );
    }
  });
});
