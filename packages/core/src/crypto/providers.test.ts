import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '../../test/any-text.ts';
import { bytesOf, rootSecret } from '../../test/roots.ts';
import { createKeyRing } from '../keys/key-ring.ts';
import { deriveAccessToken, deriveSuccessor } from '../token/derive.ts';
import { encodeToken, printToken } from '../token/encode.ts';
import { hashAccessToken, hashToken } from '../token/hash.ts';
import { newId } from '../token/session-id.ts';
import { defaultCrypto as node } from './node.ts';
import { defaultCrypto as portable } from './portable.ts';
import type { CryptoProvider } from './provider.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = fc.uint8Array({ maxLength: 300 });

describe.each([
  ['node', node],
  ['portable', portable],
])('the %s provider', (_, provider) => {
  it('hashes as SHA-256 does', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, anyText()), (input) => {
        expect(hex(provider.sha256(input))).toBe(createHash('sha256').update(input).digest('hex'));
      }),
    );
  });

  it('authenticates as HMAC-SHA-256 does, with keys of any length', () => {
    fc.assert(
      fc.property(bytes, bytes, (key, message) => {
        expect(hex(provider.hmacSha256(key, message))).toBe(
          createHmac('sha256', key).update(message).digest('hex'),
        );
      }),
    );
  });

  it('names a text by its digest, never by itself', () => {
    fc.assert(
      fc.property(anyText({ minLength: 1 }), anyText(), (text, other) => {
        const name = provider.sha256Key(text);
        expect(name).toBe(provider.sha256Key(text));
        expect(name === provider.sha256Key(other)).toBe(
          Buffer.from(text).equals(Buffer.from(other)),
        );
        expect(name.length).toBeLessThanOrEqual(44);
      }),
    );
  });

  it('returns bytes that no later call overwrites', () => {
    const first = provider.sha256('a');
    const before = hex(first);
    provider.sha256('b').fill(0);
    provider.hmacSha256(bytesOf('key', 32), bytesOf('message', 9)).fill(0);
    expect(hex(first)).toBe(before);
  });
});

describe('both providers', () => {
  const everything = (crypto: CryptoProvider): readonly string[] => {
    const { active } = createKeyRing([rootSecret('one')], { crypto });
    const id = newId('ann', (length) => bytesOf('id', length), crypto);
    const refresh = encodeToken(
      { type: 'refresh', id, generation: 3, expiry: 1_900_000_000, secret: bytesOf('s', 32) },
      active,
    );
    const successor = deriveSuccessor(refresh, bytesOf('salt', 32), active);
    const access = deriveAccessToken(successor, 1_890_000_000, active);
    return [
      active.kid.toString(16),
      hex(active.derive('access jwt')),
      printToken(refresh, ''),
      printToken(successor, ''),
      printToken(access, ''),
      hex(hashToken(successor, crypto)),
      hex(hashAccessToken(access, crypto)),
    ];
  };

  it('make the same tokens: a deployment may mix runtimes', () => {
    expect(everything(portable)).toStrictEqual(everything(node));
  });

  it('make the same tokens as earlier releases: an update logs nobody out', () => {
    expect(everything(node)).toMatchInlineSnapshot(`
      [
        "d7e9",
        "d2bb7a5ea31855f732b4bf78fead6c0661f952a9dda67aa23268213caadfc708",
        "AdfpSZHdGb3jHAdiNIj12l5tCBEVAAAAAwBxP7MAqu1WAiRN8hZwF-XA8vaC7F-gL9WLfemnomS2tmNbPZdlHkGNQiu0QhkYxx_cRxo1",
        "AdfpSZHdGb3jHAdiNIj12l5tCBEVAAAABABxP7MAly-D7XkyOfRR2CmRYmgEJm21avCnEbz3QIT_fDNKjwBfmX0lDjonxsyzvhj7X_cD",
        "AtfpSZHdGb3jHAdiNIj12l5tCBEVAAAABABwpxyAz9MRYAIClzKgeRnKRkPNtZMtiPhE7_Su2cV3kHMZv5jGbfX2pMsnO3gOrYEutELy",
        "8345e2489bd7e60c1788f0114207bd6548ed94337219022cf467df607269cc36",
        "701b0a23ef4ed38a47e2fe469458c60f",
      ]
    `);
  });
});
