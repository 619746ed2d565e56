import { expect, test } from 'vitest';
import { bytesOf, rootSecret } from '../../test/roots.ts';
import { generateSecret } from './key-ring.ts';
import { weaknessOf } from './weak-secret.ts';

const text = new TextEncoder();

test.each([
  'a root secret of at least 32 random bytes',
  'change-me-change-me-change-me-please-now',
  'CHANGE_ME_to-something-long-and-random!!',
  'your-secret-key-of-32-characters-or-more',
  'my super secret string that nobody knows',
  'please replace this with a real one soon',
  'an-example-secret-with-enough-characters',
  'placeholder-placeholder-1234567890abcdef',
  'correct-password-horse-battery-staple-99',
  'a'.repeat(64),
  'abcdefg'.repeat(10),
  '0123456789abcdef0123456789abcdef',
  'k7Gq9ZtXw2LpR4vNk7Gq9ZtXw2LpR4vN',
  'k7Gq9ZtXw2LpR4vNk7Gq9ZtXw2LpR4vNk7',
  'abcdefghijklmnopqrstuvwxyz0123456789',
  'ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrq',
])('30: everybody could guess %s', (secret) => {
  expect(weaknessOf(text.encode(secret))).toBeDefined();
});

test('bytes of a pattern are guessable too', () => {
  expect(weaknessOf(new Uint8Array(64))).toBeDefined();
  expect(weaknessOf(Uint8Array.from({ length: 32 }, (_, i) => i))).toBeDefined();
});

test('random secrets are not refused, however they are written', () => {
  for (let i = 0; i < 2_000; i++) {
    const bytes = bytesOf(`secret ${i}`, 33);
    for (const secret of [
      bytes,
      bytes.subarray(1),
      text.encode(Buffer.from(bytes).toString('hex')),
      text.encode(Buffer.from(bytes).toString('base64url')),
    ]) {
      expect(weaknessOf(secret)).toBeUndefined();
    }
  }
  expect(weaknessOf(text.encode(rootSecret('one')))).toBeUndefined();
  expect(weaknessOf(text.encode(generateSecret()))).toBeUndefined();
});
