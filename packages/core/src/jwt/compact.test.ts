import fc from 'fast-check';
import { decode } from 'jose/base64url';
import { describe, expect, test } from 'vitest';
import { TokenInvalidError } from '../errors.ts';
import { defaultMaxLength, isSpeltOut, splitCompact } from './compact.ts';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

const isRefused = (token: unknown, maxLength: number = defaultMaxLength): boolean => {
  try {
    splitCompact(token as string, maxLength);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(TokenInvalidError);
    expect(error).toMatchObject({ refusal: 'malformed' });
    return true;
  }
};

const toBase64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

const segment = fc.uint8Array({ minLength: 1, maxLength: 40 }).map(toBase64url);

describe('JW-09: three segments of canonical base64url', () => {
  test('what base64url makes is split and nothing is lost', () => {
    fc.assert(
      fc.property(segment, segment, segment, (header, payload, signature) => {
        expect(splitCompact(`${header}.${payload}.${signature}`, 200)).toEqual({
          protected: header,
          payload,
          signature,
        });
      }),
    );
  });

  test('each byte string has one spelling: no other last character passes', () => {
    fc.assert(
      fc.property(segment, fc.constantFrom(0, 1, 2), (text, place) => {
        const bytes = Buffer.from(text, 'base64url');
        const spellings = alphabet.split('').filter((last) => {
          const segments = ['AAAA', 'AAAA', 'AAAA'];
          segments[place] = text.slice(0, -1) + last;
          const decoded = Buffer.from(segments[place] as string, 'base64url');
          return decoded.equals(bytes) && !isRefused(segments.join('.'));
        });
        expect(spellings).toEqual([text.at(-1)]);
      }),
    );
  });

  test.each([
    ['no segment', ''],
    ['one', 'AAAA'],
    ['two', 'AAAA.AAAA'],
    ['four', 'AAAA.AAAA.AAAA.AAAA'],
    ['JW-10: five, a JWE', 'AAAA.AAAA.AAAA.AAAA.AAAA'],
    ['JW-10: a JWE with an empty key', 'AAAA..AAAA.AAAA.AAAA'],
    ['an empty header', '.AAAA.AAAA'],
    ['an empty payload', 'AAAA..AAAA'],
    ['an empty signature', 'AAAA.AAAA.'],
    ['dots only', '..'],
    ['padding', 'AAA=.AAAA.AAAA'],
    ['padding at the end', 'AAAA.AAAA.AAA='],
    ['the other alphabet', 'AA+/.AAAA.AAAA'],
    ['a space before', ' AAAA.AAAA.AAAA'],
    ['a line break after', 'AAAA.AAAA.AAAA\n'],
    ['white space inside', 'AAAA.AA AA.AAAA'],
    ['a length that no bytes have', 'AAAAA.AAAA.AAAA'],
    ['a letter from elsewhere', 'AAAA.AAAА.AAAA'],
    ['NUL', 'AAAA.AAA\0.AAAA'],
    ['JSON serialization', '{"payload":"AAAA","signatures":[]}'],
  ])('refused: %s', (_, token) => {
    expect(isRefused(token)).toBe(true);
  });

  test('refused: anything but a string', () => {
    for (const token of [
      undefined,
      null,
      1,
      {},
      ['AAAA.AAAA.AAAA'],
      new String('AAAA.AAAA.AAAA'),
    ]) {
      expect(isRefused(token)).toBe(true);
    }
  });

  test('the length is bounded, to the character', () => {
    const token = `${'A'.repeat(8)}.${'A'.repeat(8)}.${'A'.repeat(8)}`;
    expect(isRefused(token, token.length)).toBe(false);
    expect(isRefused(token, token.length - 1)).toBe(true);
    expect(isRefused('.'.repeat(5_000_000))).toBe(true);
  });
});

describe('JW-09: behind a known header', () => {
  const known = new Map([['AAAA', true]]);
  const isRefusedAs = (token: string, maxLength: number = defaultMaxLength): boolean => {
    try {
      splitCompact(token, maxLength, known);
      return false;
    } catch (error) {
      expect(error).toMatchObject({ refusal: 'malformed' });
      return true;
    }
  };

  test('a payload that is not base64url passes here or when it is decoded, but never both', () => {
    const odd = fc.constantFrom('+', '/', '=', ' ', '\n', '\0', 'é', ...alphabet.split(''));
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 12 }), (characters) => {
        const payload = characters.join('');
        const isRight = !isRefused(`AAAA.${payload}.AAAA`);
        let passes = !isRefusedAs(`AAAA.${payload}.AAAA`);
        try {
          passes &&= isSpeltOut(payload, decode(payload));
        } catch {
          passes = false;
        }
        expect(passes).toBe(isRight);
      }),
      { numRuns: 2000 },
    );
  });

  test('all else is as behind any other', () => {
    for (const header of ['AAAA', 'AAAB']) {
      expect(isRefusedAs(`${header}.AAAA.AAAA`)).toBe(false);
      expect(isRefusedAs(`${header}.AAAA.AAAA`, 14)).toBe(false);
      expect(isRefusedAs(`${header}.AAAA.AAAA`, 13)).toBe(true);
      const others = [
        '',
        '.',
        '.AAAA',
        '..',
        '.AAAA.',
        '..AAAA',
        'A',
        '.AAAA.AAAA.',
        '..AAAA.AAAA',
      ];
      for (const rest of [...others, '.AAAA.AAA=', '.AAAA.AAA+', '.AAAA.AB', '.AB.AAAA']) {
        expect([rest, isRefusedAs(header + rest)]).toEqual([rest, true]);
      }
    }
    expect(isRefusedAs('AAAB.AAA+.AAAA')).toBe(true);
    expect(isRefusedAs('AAA+.AAAA.AAAA')).toBe(true);
  });
});
