import { randomBytes } from 'node:crypto';
import { InvalidInputError } from '@pawl/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fileNameOf, validateId } from './id.ts';

it.each([
  'a',
  'A',
  'login',
  'ada@example.com',
  'Ada@Example.com',
  'api.example.com',
  '0',
  'a_b-c',
  '-_',
  'a b',
  ' ',
  'ä',
  '日本語',
  '👩‍👩‍👧',
  '.hidden',
  'a.',
  '...',
  'C:a',
  '%2e%2e',
  '~a',
  'con',
  'NUL.txt',
  'com1',
  'auth0|5f7c8ec7c33c6c004bbafe82',
  'a.lock',
  'a.json',
  '__proto__',
  'x'.repeat(255),
  'X'.repeat(255),
  'ü'.repeat(255),
])('accepts %s', (id) => {
  expect(() => validateId(id)).not.toThrow();
});

it.each([
  '',
  '.',
  '..',
  '../a',
  'a/b',
  'a\\b',
  '/etc/passwd',
  'a\u0000',
  'a\n',
  'a\u0085',
  '\uD83D',
  'x'.repeat(256),
  undefined,
  null,
  7,
  ['a'],
])('D3: refuses %j', (id) => {
  expect(() => validateId(id)).toThrow(InvalidInputError);
});

it('does not quote the refused id', () => {
  let message = '';
  try {
    validateId('../SECRET');
  } catch (error) {
    message = String(error);
  }
  expect(message).toContain('id: ');
  expect(message).not.toContain('SECRET');
});

it('a file of an earlier version keeps its name', () => {
  for (const id of ['login', 'ada@example.com', 'x'.repeat(64), `${'0a'.repeat(32)}-taken`]) {
    expect(fileNameOf(id)).toBe(id);
  }
});

it('a name says what its id is, unless that is too long', () => {
  expect(fileNameOf('Ada@Example.com')).toBe('~^ada%40^example%2ecom');
  expect(fileNameOf('con')).toBe('~con');
  expect(fileNameOf('é')).toBe('~%c3%a9');
  expect(fileNameOf('X'.repeat(255))).toMatch(/^~~[0-9a-f]{64}$/);
});

/** What no file system may confuse, shorten or refuse. */
const safe = /^[a-z0-9~][a-z0-9._@~^%-]*$/;
const device = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\.|$)/;

it('D3: any id has a file name that is safe everywhere', () => {
  const ids = fc
    .oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 255 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 100 }),
      fc.constantFrom('CON', 'con', 'Nul.txt', 'COM1', 'com¹', 'LPT9.x', 'a.', ' a', '~~a', '..a'),
    )
    .filter((id) => isValid(id));
  fc.assert(
    fc.property(ids, (id) => {
      const name = fileNameOf(id);
      expect(name).toMatch(safe);
      expect(name).not.toMatch(device);
      expect(name).not.toMatch(/[. ]$/);
      // With the ending of a temporary file, a dot, 36 characters and `.tmp`.
      expect(name.length + 41).toBeLessThanOrEqual(143);
    }),
    { numRuns: 500 },
  );
});

it('ids that differ only by case or by their form in Unicode have different names', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), (id) => {
      const forms = new Set([
        id,
        id.toUpperCase(),
        id.toLowerCase(),
        id.normalize('NFC'),
        id.normalize('NFD'),
        `~${id}`,
        `^${id}`,
        encodeURIComponent(id),
      ]);
      const valid = [...forms].filter(isValid);
      const names = valid.map((form) => fileNameOf(form).toLowerCase().normalize('NFC'));
      expect(new Set(names).size).toBe(valid.length);
    }),
    { numRuns: 500 },
  );
});

it('random base64url ids of any length have a name of their own', () => {
  const ids = Array.from({ length: 2_000 }, (_, i) =>
    randomBytes(1 + (i % 190)).toString('base64url'),
  );
  const unique = new Set(ids);
  for (const id of unique) validateId(id);
  expect(new Set([...unique].map((id) => fileNameOf(id).toLowerCase())).size).toBe(unique.size);
});

const isValid = (id: string): boolean => {
  try {
    validateId(id);
    return true;
  } catch {
    return false;
  }
};
