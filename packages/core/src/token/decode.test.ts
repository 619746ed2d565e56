import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, keyRing, rootSecret } from '../../test/roots.ts';
import { prefix, token, tokenBytes } from '../../test/tokens.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { decodeToken } from './decode.ts';
import { encodeToken, printToken } from './encode.ts';
import { type TokenType, tokenTypes } from './layout.ts';

const keys = keyRing();
const types = Object.keys(tokenTypes) as TokenType[];

const decode = (text: string, ring: KeyRing = keys): ReturnType<typeof decodeToken> =>
  decodeToken(text, 'refresh', prefix, ring);

const fields = fc.record({
  type: fc.constantFrom(...types),
  id: fc.uint8Array({ minLength: 18, maxLength: 18 }),
  generation: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  expiry: fc.maxSafeInteger().map((n) => Math.abs(n) % 2 ** 40),
  secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
});

describe('a token', () => {
  it('is 104 characters after its prefix and says what it was made of', () => {
    fc.assert(
      fc.property(fields, (made) => {
        const bytes = encodeToken(made, keys.active);
        const text = printToken(bytes, prefix);
        expect(text.slice(prefix.length)).toMatch(/^[\w-]{104}$/);
        expect(decodeToken(text, made.type, prefix, keys)).toStrictEqual({
          bytes,
          kid: keys.active.kid,
          id: Buffer.from(made.id).toString('base64url'),
          generation: made.generation,
          expiry: made.expiry,
        });
        expect(printToken(bytes, prefix)).toBe(text);
      }),
    );
  });

  it('is laid out as the protocol says', () => {
    const bytes = Buffer.from(tokenBytes('layout'));
    expect(bytes).toHaveLength(78);
    expect(bytes[0]).toBe(1);
    expect(bytes.readUInt16BE(1)).toBe(keys.active.kid);
    expect(bytes.subarray(3, 21)).toStrictEqual(Buffer.from(bytesOf('id layout', 18)));
    expect(bytes.readUInt32BE(21)).toBe(0x01_02_03_04);
    expect(bytes.readUIntBE(25, 5)).toBe(0x01_70_dc_3f_7a);
    expect(bytes.subarray(30, 62)).toStrictEqual(Buffer.from(bytesOf('secret layout', 32)));
  });

  it('RT-03: is refused with any one of its 624 bits flipped, whatever the type asked for', () => {
    const good = tokenBytes('flips');
    const accepted: number[] = [];
    for (let bit = 0; bit < 624; bit++) {
      const flipped = good.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      const text = printToken(flipped, prefix);
      for (const type of types) {
        if (typeof decodeToken(text, type, prefix, keys) !== 'string') {
          accepted.push(bit);
        }
      }
    }
    expect(accepted).toStrictEqual([]);
  });

  it('RT-03: is refused with any number of its bytes changed', () => {
    const good = tokenBytes('changes');
    const change = fc.tuple(fc.nat(77), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 78 }), (changes) => {
        const changed = good.slice();
        for (const [at, by] of changes) changed[at] = (good[at] as number) ^ by;
        expect(decode(printToken(changed, prefix))).toBeTypeOf('string');
      }),
      { numRuns: 1_000 },
    );
  });

  it('is refused at every other length', () => {
    const good = token('lengths');
    for (let length = 0; length < good.length; length++) {
      expect(decode(good.slice(0, length))).toBe('malformed');
      expect(decode(good.slice(good.length - length))).toBe('malformed');
      expect(decode(good.slice(0, length) + good.slice(length + 1))).toBe('malformed');
    }
    for (const more of ['A', 'AA', 'AAA', 'AAAA', good, '=', '==', '\n', ' ', '\u0000', '.']) {
      expect(decode(good + more)).toBe('malformed');
      expect(decode(more + good)).toBe('malformed');
    }
  });

  it('has one type, and stands in for no other', () => {
    for (const made of types) {
      for (const asked of types) {
        const answer = decodeToken(token('types', made), asked, prefix, keys);
        // One that is bound to a key is a refresh token with one more demand, and not the reverse.
        const fits = made === asked || (made === 'boundRefresh' && asked === 'refresh');
        expect(answer === 'wrong_type').toBe(!fits);
        expect(typeof answer === 'string').toBe(!fits);
      }
    }
  });
});

describe('the checks of a token come in order', () => {
  const foreign = keyRing(rootSecret('foreign')).active;
  const replaceAt = (text: string, index: number, by: string): string =>
    text.slice(0, index) + by + text.slice(index + 1);

  it('length and prefix before the alphabet', () => {
    expect(decode(`${replaceAt(token('order'), 20, '*')}A`)).toBe('malformed');
    expect(decode(token('order').replace(prefix, 'pawl_at_'))).toBe('malformed');
  });

  it('the alphabet before the type', () => {
    expect(decode(replaceAt(token('order', 'access'), 50, '*'))).toBe('malformed');
  });

  it('the type before the kid, the kid before the tag', () => {
    expect(decode(token('order', 'access', foreign))).toBe('wrong_type');
    expect(decode(token('order', 'refresh', foreign))).toBe('kid_unknown');
  });

  it('a compromised root before the tag: no HMAC is made for it', () => {
    const ring = keyRing(rootSecret('new'), { secret: rootSecret('one'), status: 'compromised' });
    const good = token('order');
    expect(decode(good, ring)).toBe('kid_compromised');
    expect(decode(replaceAt(good, 111, good[111] === 'A' ? 'B' : 'A'), ring)).toBe(
      'kid_compromised',
    );
  });

  it('the tag last', () => {
    const good = token('order');
    expect(decode(replaceAt(good, 60, good[60] === 'A' ? 'B' : 'A'))).toBe('forged');
    const other = { ...foreign, kid: keys.active.kid };
    expect(decode(token('order', 'refresh', other))).toBe('forged');
  });
});
