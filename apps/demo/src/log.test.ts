import { StoreUnavailableError } from '@pawl/core';
import { expect, test } from 'vitest';
import { nameOf } from './log.ts';

test('LG-01: an error is told by names and codes, never by what it says', () => {
  const refused = Object.assign(new Error('CANARY'), { code: 'ECONNREFUSED' });
  expect(nameOf(refused)).toBe('Error ECONNREFUSED');
  const cause = new TypeError('CANARY', { cause: refused });
  expect(nameOf(cause)).toBe('TypeError < Error ECONNREFUSED');
  expect(nameOf(new StoreUnavailableError({ cause }))).toBe(
    'StoreUnavailableError < TypeError < Error ECONNREFUSED',
  );
});

test.each([23_505, '23505', 'a CANARY', '', undefined])(
  'of the code %o only a word is told',
  (code) => {
    const name = nameOf(Object.assign(new Error('CANARY'), { code }));
    expect(['Error', 'Error 23505']).toContain(name);
  },
);

test('what is no error is told by its type', () => {
  expect(nameOf('CANARY')).toBe('string');
});
