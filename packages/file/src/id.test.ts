import { InvalidInputError } from '@pawl/core';
import { expect, it } from 'vitest';
import { validateId } from './id.ts';

it.each(['a', 'login', 'ada@example.com', 'api.example.com', 'x'.repeat(64), '0', 'a_b-c'])(
  'accepts %s',
  (id) => {
    expect(() => validateId(id)).not.toThrow();
  },
);

it.each([
  '',
  '.',
  '..',
  '../a',
  'a/b',
  'a\\b',
  '/etc/passwd',
  'C:a',
  '.hidden',
  'a.',
  'A',
  'a b',
  'a\u0000',
  'a\n',
  'ä',
  '%2e%2e',
  'con',
  'nul.txt',
  'com1',
  'x'.repeat(65),
  undefined,
  null,
  7,
  ['a'],
])('refuses %j', (id) => {
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
