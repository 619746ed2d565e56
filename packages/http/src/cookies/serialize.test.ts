import { InvalidInputError } from '@pawl/core';
import fc from 'fast-check';
import { Cookie } from 'tough-cookie';
import { expect, test } from 'vitest';
import { type CookieAttributes, serializeCookie } from './serialize.ts';

const plain: CookieAttributes = { name: 'a', path: '/', sameSite: 'Lax', secure: true };

test('every attribute, once', () => {
  expect(serializeCookie(plain, 'v', 60)).toBe(
    'a=v; Max-Age=60; Path=/; HttpOnly; SameSite=Lax; Secure',
  );
  expect(serializeCookie({ ...plain, secure: false, sameSite: 'Strict' }, '', 0)).toBe(
    'a=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict',
  );
});

test('CK-01: name and value share 4,096 bytes, an attribute has 1,024', () => {
  expect(serializeCookie(plain, 'v'.repeat(4_095), 1)).toContain('Max-Age=1;');
  expect(() => serializeCookie(plain, 'v'.repeat(4_096), 1)).toThrow(InvalidInputError);
  expect(serializeCookie({ ...plain, path: `/${'p'.repeat(1_023)}` }, 'v', 1)).toContain('a=v');
  expect(() => serializeCookie({ ...plain, path: `/${'p'.repeat(1_024)}` }, 'v', 1)).toThrow(
    InvalidInputError,
  );
});

test('CK-03: a field cannot contain a character that ends it', () => {
  const bad = ['\r', '\n', ';', ',', ' ', '"', '\\', '\t', '\0', '\x7f', 'é', '€', '\u2028'];
  for (const one of bad) {
    expect(() => serializeCookie({ ...plain, name: `a${one}` }, 'v', 1)).toThrow(InvalidInputError);
    expect(() => serializeCookie(plain, `v${one}v`, 1)).toThrow(InvalidInputError);
    expect(() => serializeCookie({ ...plain, path: `/${one}` }, 'v', 1)).toThrow(InvalidInputError);
    const sameSite = `Lax${one}` as 'Lax';
    expect(() => serializeCookie({ ...plain, sameSite }, 'v', 1)).toThrow(InvalidInputError);
  }
  for (const name of ['', '=', 'a=b', '(a)']) {
    expect(() => serializeCookie({ ...plain, name }, 'v', 1)).toThrow(InvalidInputError);
  }
  for (const path of ['', 'a', '*']) {
    expect(() => serializeCookie({ ...plain, path }, 'v', 1)).toThrow(InvalidInputError);
  }
});

test('CK-07: at most 400 days, never below 0, never NaN', () => {
  expect(serializeCookie(plain, 'v', 1e12)).toContain('Max-Age=34560000;');
  expect(serializeCookie(plain, 'v', Infinity)).toContain('Max-Age=34560000;');
  expect(serializeCookie(plain, 'v', -5)).toContain('Max-Age=0;');
  expect(serializeCookie(plain, 'v', 1.9)).toContain('Max-Age=1;');
  expect(() => serializeCookie(plain, 'v', Number.NaN)).toThrow(InvalidInputError);
});

const attempt = (write: () => string): string | InvalidInputError => {
  try {
    return write();
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
};

test('a cookie jar reads every serialized cookie as intended', { timeout: 30_000 }, () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.integer({ min: 0, max: 1_000 }),
      (name, value, maxAge) => {
        const written = attempt(() => serializeCookie({ ...plain, name }, value, maxAge));
        if (written instanceof InvalidInputError) return;
        const read = Cookie.parse(written);
        expect(read).toMatchObject({ key: name, value, maxAge, path: '/', httpOnly: true });
        expect(read?.extensions ?? null).toBeNull();
      },
    ),
  );
});
