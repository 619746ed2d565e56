import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { defaultCrypto } from '#crypto';
import { keyRing } from '../../test/roots.ts';
import { tokenBytes } from '../../test/tokens.ts';
import { deriveAccessToken } from './derive.ts';
import { hashAccessToken, hashToken } from './hash.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('what a store keeps of a token', () => {
  it('is the SHA-256 of its bytes', () => {
    const token = tokenBytes('hash');
    const expected = createHash('sha256').update(token).digest('hex');
    expect(hex(hashToken(token, defaultCrypto))).toBe(expected);
  });

  it('is the same for an access token however it is timed, and for no other', () => {
    const refresh = tokenBytes('hash');
    const { active } = keyRing();
    const at = (expiry: number, from = refresh): string =>
      hex(hashAccessToken(deriveAccessToken(from, expiry, active), defaultCrypto));
    expect(at(0)).toHaveLength(32);
    expect(at(2 ** 40 - 1)).toBe(at(0));
    expect(at(0, tokenBytes('another'))).not.toBe(at(0));
  });

  it('covers every byte of an access token but its expiry and tag', () => {
    const token = deriveAccessToken(tokenBytes('cover'), 1, keyRing().active);
    const hash = hex(hashAccessToken(token, defaultCrypto));
    for (let at = 0; at < 78; at++) {
      const changed = token.slice();
      changed[at] = (changed[at] as number) ^ 1;
      const isExpiryOrTag = (at >= 25 && at < 30) || at >= 62;
      expect(hex(hashAccessToken(changed, defaultCrypto)) === hash).toBe(isExpiryOrTag);
    }
  });

  it('leaves the token as it is', () => {
    const token = tokenBytes('unchanged');
    const before = hex(token);
    hashAccessToken(token, defaultCrypto);
    hashToken(token, defaultCrypto);
    expect(hex(token)).toBe(before);
  });
});
