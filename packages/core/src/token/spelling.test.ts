import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/any-text.ts';
import { keyRing } from '../../test/roots.ts';
import { prefix, token } from '../../test/tokens.ts';
import { decodeToken } from './decode.ts';

const keys = keyRing();
const decode = (text: string): ReturnType<typeof decodeToken> =>
  decodeToken(text, 'refresh', prefix, keys);

/** Tokens that hold every character of the alphabet between them. */
const tokens = Array.from({ length: 40 }, (_, i) => token(`spelling ${i}`));
const body = (text: string): string => text.slice(prefix.length);

/** Characters that look, fold or normalize like one of the alphabet. */
const lookAlikes: Readonly<Record<string, string>> = {
  A: 'Α', // Greek
  B: 'В', // Cyrillic
  a: 'а',
  e: 'е',
  o: 'ο',
  c: 'ⅽ',
  K: '\u212a', // Kelvin: its lower case is k
  S: '\u017f', // long s: its upper case is S
  i: 'ı',
  l: 'ⅼ',
  '0': '０',
  '1': '１',
  '9': '９',
  '-': '‐',
  _: '＿',
};

describe('a token has one spelling', () => {
  it('with another alphabet it is refused', () => {
    const special = tokens.filter((one) => /[-_]/.test(body(one)));
    expect(special.length).toBeGreaterThan(30);
    for (const one of special) {
      const standard = body(one).replaceAll('-', '+').replaceAll('_', '/');
      expect(decode(prefix + standard)).toBe('malformed');
      const hex = Buffer.from(body(one), 'base64url').toString('hex');
      expect(decode(prefix + hex)).toBe('malformed');
      expect(decode(prefix + encodeURIComponent(`${body(one)}=`))).toBe('malformed');
    }
  });

  it('with padding or white space anywhere it is refused', () => {
    const one = tokens[0] as string;
    for (const odd of ['=', ' ', '\t', '\n', '\r', '\v', '\u00a0', '\u200b', '\ufeff', '\u0000']) {
      for (let at = 0; at <= one.length; at++) {
        expect(decode(one.slice(0, at) + odd + one.slice(at))).toBe('malformed');
        expect(decode(one.slice(0, at) + odd + one.slice(at + 1))).toBe('malformed');
      }
    }
  });

  it('in another case it is refused', () => {
    for (const one of tokens) {
      expect(decode(one.toUpperCase())).toBe('malformed');
      expect(decode(one.toLowerCase())).toBeTypeOf('string');
      expect(decode(prefix + body(one).toUpperCase())).toBeTypeOf('string');
      for (let at = prefix.length; at < one.length; at++) {
        const character = one[at] as string;
        const swapped =
          character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase();
        if (swapped === character) continue;
        expect(decode(one.slice(0, at) + swapped + one.slice(at + 1))).toBeTypeOf('string');
      }
    }
  });

  it('with a character that looks alike it is refused', () => {
    const met = new Set<string>();
    for (const one of tokens) {
      for (let at = 0; at < one.length; at++) {
        const odd = lookAlikes[one[at] as string];
        if (odd === undefined) continue;
        met.add(one[at] as string);
        expect(decode(one.slice(0, at) + odd + one.slice(at + 1))).toBe('malformed');
      }
    }
    expect(met.size).toBe(Object.keys(lookAlikes).length);
  });

  it('under another prefix, or none, it is refused', () => {
    const one = tokens[0] as string;
    for (const other of [
      '',
      'pawl_at_',
      'PAWL_RT_',
      'pawl-rt-',
      'pawl_rt',
      'ｐawl_rt_',
      '________',
    ]) {
      expect(decode(other + body(one))).toBe('malformed');
    }
    expect(decodeToken(one, 'refresh', '', keys)).toBe('malformed');
    expect(decodeToken(body(one), 'refresh', '', keys)).toMatchObject({ kid: keys.active.kid });
  });

  it('random text is refused', () => {
    const alike = fc
      .string({
        unit: fc.constantFrom(...Array.from(`${body(tokens[0] as string)}=+/ `)),
        minLength: 104,
        maxLength: 104,
      })
      .map((text) => prefix + text);
    const texts = fc.oneof(
      anyText({ maxLength: 300 }),
      anyText({ minLength: 104, maxLength: 104 }).map((text) => prefix + text),
      alike,
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(decode(text)).toBeTypeOf('string');
      }),
      { numRuns: 500 },
    );
  });
});
