import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createDoorkeeper } from './doorkeeper.ts';

const tokenOf = (name: string | number, bytes = 32): string =>
  `AAAA.AAAA.${createHash('sha512').update(`${name}`).digest().subarray(0, bytes).toString('base64url')}`;
const tokens = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => tokenOf(from + i));

test('what was added is known, and what was not is not', () => {
  const seen = createDoorkeeper(1000);
  const token = tokenOf('a');
  expect(seen.has(token)).toBe(false);
  expect(seen.has(token)).toBe(false);
  seen.add(token);
  seen.add(token);
  expect(seen.has(token)).toBe(true);
  expect(seen.has(tokenOf('b'))).toBe(false);
});

test.each([32, 64])('signatures of %i bytes are told apart', (bytes) => {
  const seen = createDoorkeeper(10_000);
  for (let i = 0; i < 10_000; i++) seen.add(tokenOf(i, bytes));
  const strangers = Array.from({ length: 10_000 }, (_, i) => tokenOf(-1 - i, bytes));
  expect(strangers.filter(seen.has).length).toBeLessThan(10);
});

test('of as many tokens as it is made for, in use at once, nearly all stay known', () => {
  for (const limit of [500, 8192, 10_000, 16_000]) {
    const seen = createDoorkeeper(limit);
    const inUse = tokens(limit);
    for (const token of inUse) seen.add(token);
    // Each time round the ones that were lost are added again, as a verifier does.
    for (let round = 0; round < 3; round++) {
      const lost = inUse.filter((token) => {
        const isLost = !seen.has(token);
        if (isLost) seen.add(token);
        return isLost;
      });
      expect(lost.length / limit).toBeLessThan(0.12);
    }
  }
});

test('a token that is asked for outlasts as many newcomers as there are places', () => {
  const seen = createDoorkeeper(1000);
  const kept = tokens(50, 100_000);
  for (const token of kept) seen.add(token);
  let lost = 0;
  for (const [i, token] of tokens(4096).entries()) {
    seen.add(token);
    const asked = kept[i % 50] as string;
    if (seen.has(asked)) continue;
    lost++;
    seen.add(asked);
  }
  expect(lost).toBeLessThan(10);
});

test('accepts any text, short or empty, at any size', () => {
  for (const limit of [2, 3, 100]) {
    const seen = createDoorkeeper(limit);
    for (const text of ['', 'a', '.', 'é\ud800', 'x'.repeat(10_000)]) {
      seen.add(text);
      expect(seen.has(text)).toBe(true);
    }
  }
});
