import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultCrypto } from '#crypto';
import { hkdfExpand, hkdfExtract } from './hkdf.ts';

const hex = (bytes: ArrayBuffer | Uint8Array): string =>
  Buffer.from(bytes as Uint8Array).toString('hex');

describe('HKDF', () => {
  it('CR-02: derives what RFC 5869 does, under our salt and for 32 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (secret, label) => {
        const key = hkdfExpand(hkdfExtract(secret, defaultCrypto), label, defaultCrypto);
        expect(hex(key)).toBe(hex(hkdfSync('sha256', secret, 'pawl root v1', label, 32)));
      }),
    );
  });

  it('expands as test case 1 of RFC 5869, as far as one block goes', () => {
    const pseudoRandomKey = Buffer.from(
      '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
      'hex',
    );
    // The label of the RFC is bytes; ours are text: the oracle above covers them.
    const info = Buffer.from('f0f1f2f3f4f5f6f7f8f9', 'hex');
    const block = defaultCrypto.hmacSha256(pseudoRandomKey, Buffer.concat([info, Buffer.of(1)]));
    expect(hex(block)).toBe('3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf');
  });
});
