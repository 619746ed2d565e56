import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/any-text.ts';
import { bytesEqual, concatBytes, utf8 } from './bytes.ts';

describe('bytes', () => {
  it('CR-01: are equal only if all of them are, and the lengths', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(bytesEqual(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(bytesEqual(a, a.slice())).toBe(true);
      }),
    );
    const long = new Uint8Array(32);
    for (let bit = 0; bit < 256; bit++) {
      const other = new Uint8Array(32);
      other[bit >> 3] = 1 << (bit & 7);
      expect(bytesEqual(long, other)).toBe(false);
    }
    expect(bytesEqual(long, long.subarray(0, 31))).toBe(false);
    expect(bytesEqual(long.subarray(0, 31), long)).toBe(false);
  });

  it('are joined in order', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (parts) => {
        expect(Buffer.from(concatBytes(...parts))).toStrictEqual(Buffer.concat(parts));
      }),
    );
  });

  it('spell a string in UTF-8', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(Buffer.from(utf8(text))).toStrictEqual(Buffer.from(text, 'utf8'));
      }),
    );
  });
});
