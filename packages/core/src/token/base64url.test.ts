import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/any-text.ts';
import { decodeBase64url, decodeTriples, encodeBase64url, encodeTriples } from './base64url.ts';

const triples = fc
  .uint8Array({ minLength: 0, maxLength: 90 })
  .map((bytes) => bytes.subarray(0, bytes.length - (bytes.length % 3)));

describe('base64url', () => {
  it('encodes as Buffer does', () => {
    fc.assert(
      fc.property(triples, (bytes) => {
        expect(encodeTriples(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      }),
    );
  });

  it('decodes what it encoded, also behind a prefix', () => {
    fc.assert(
      fc.property(triples, fc.string({ maxLength: 9 }), (bytes, prefix) => {
        const text = prefix + encodeTriples(bytes);
        expect(decodeTriples(text, prefix.length)).toStrictEqual(new Uint8Array(bytes));
      }),
    );
  });

  it('reads each text as Buffer does, or refuses what Buffer would spell otherwise', () => {
    const alike = fc.string({
      unit: fc.constantFrom(...Array.from('AQgwz019-_+/=')),
      maxLength: 12,
    });
    const texts = fc
      .oneof(alike, anyText({ maxLength: 8 }))
      .map((text) => text.slice(0, text.length - (text.length % 4)));
    fc.assert(
      fc.property(texts, (text) => {
        const read = Buffer.from(text, 'base64url');
        const canonical = read.toString('base64url') === text;
        const decoded = decodeTriples(text, 0);
        expect(decoded && Buffer.from(decoded)).toStrictEqual(canonical ? read : null);
      }),
      { numRuns: 2_000 },
    );
  });

  it('knows 64 characters and no other, at each place of a group', () => {
    const known = /^[A-Za-z0-9_-]$/;
    const wrong: string[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code);
      const place = code % 4;
      const text = `${'A'.repeat(place)}${character}${'A'.repeat(3 - place)}`;
      if ((decodeTriples(text, 0) !== null) !== known.test(character)) {
        wrong.push(`U+${code.toString(16)} at place ${place}`);
      }
    }
    expect(wrong).toStrictEqual([]);
    for (const character of '+/=_-. \n\u0000\u00ff\uff21') {
      for (let place = 0; place < 4; place++) {
        const text = `${'A'.repeat(place)}${character}${'A'.repeat(3 - place)}`;
        expect(decodeTriples(text, 0) !== null).toBe(known.test(character));
      }
    }
  });
});

describe('base64url of any length', () => {
  const bytes = fc.uint8Array({ maxLength: 90 });

  it('encodes as Buffer does, and decodes what it encoded', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        const text = encodeBase64url(given);
        expect(text).toBe(Buffer.from(given).toString('base64url'));
        expect(decodeBase64url(text)).toStrictEqual(new Uint8Array(given));
      }),
    );
  });

  it('reads each text as Buffer does, or refuses what Buffer would spell otherwise', () => {
    const alike = fc.string({
      unit: fc.constantFrom(...Array.from('AQgwz019-_+/=')),
      maxLength: 13,
    });
    fc.assert(
      fc.property(fc.oneof(alike, anyText({ maxLength: 9 })), (text) => {
        const read = Buffer.from(text, 'base64url');
        const canonical = read.toString('base64url') === text;
        const decoded = decodeBase64url(text);
        expect(decoded && Buffer.from(decoded)).toStrictEqual(canonical ? read : null);
      }),
      { numRuns: 2_000 },
    );
  });
});
