import { StoreUnavailableError } from '@pawl/core';
import { expect, test } from 'vitest';
import { nameOf } from './log.ts';

test('LG-01: an error is logged by names and codes, never by its message', () => {
  const refused = Object.assign(new Error('CANARY'), { code: 'ECONNREFUSED' });
  expect(nameOf(refused)).toBe('Error ECONNREFUSED');
  const cause = new TypeError('CANARY', { cause: refused });
  expect(nameOf(cause)).toBe('TypeError < Error ECONNREFUSED');
  expect(nameOf(new StoreUnavailableError({ cause }))).toBe(
    'StoreUnavailableError < TypeError < Error ECONNREFUSED',
  );
});

test.each([23_505, '23505', 'a CANARY', '', undefined])(
  'the code %o is logged only if it is one word',
  (code) => {
    const name = nameOf(Object.assign(new Error('CANARY'), { code }));
    expect(['Error', 'Error 23505']).toContain(name);
  },
);

test('a value that is not an error is logged by its type', () => {
  expect(nameOf('CANARY')).toBe('string');
});
