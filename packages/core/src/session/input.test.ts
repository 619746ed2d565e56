import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import {
  validateLifetime,
  validateName,
  validateReason,
  validateUserId,
  writeClaims,
  writeData,
} from './input.ts';

const refusal = (call: () => unknown): string | undefined => {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidInputError) return error.argument;
    throw error;
  }
};

const odd: readonly unknown[] = [null, undefined, 5, Number.NaN, true, 5n, Symbol('s'), () => 1];

describe('a name', () => {
  it('is any well-formed text of a length that fits', () => {
    for (const name of [
      'a',
      ' ',
      'x'.repeat(255),
      '日本語',
      '👩‍👩‍👧',
      '__proto__',
      "'; --",
      '\u0001',
    ]) {
      expect(refusal(() => validateUserId(name))).toBeUndefined();
    }
  });

  it('is refused otherwise', () => {
    const halves = ['\ud83d', 'a\udc00b'];
    const others = ['', 'x'.repeat(256), 'x'.repeat(10_000_000), 'a\u0000b', {}, ['a'], ...halves];
    for (const name of [...odd, ...others]) {
      expect(refusal(() => validateUserId(name))).toBe('userId');
      expect(refusal(() => validateName('name', name, 128))).toBe('name');
    }
  });
});

describe('a reason', () => {
  it('is a short word of our own or the application’s', () => {
    for (const reason of ['logout', 'a', 'fraud_team', 'x'.repeat(32)]) {
      expect(refusal(() => validateReason(reason))).toBeUndefined();
    }
    const others = ['', '_a', 'Logout', 'log out', 'a1', 'x'.repeat(33), 'a\n', ['logout'], {}];
    for (const reason of [...odd, ...others, { toString: () => 'logout' }]) {
      expect(refusal(() => validateReason(reason as string))).toBe('reason');
    }
  });
});

describe('claims and data', () => {
  it('SE-09: keep odd names', () => {
    const json = '{"__proto__":{"admin":true},"constructor":{"prototype":{}},"toString":1}';
    expect(writeData(JSON.parse(json))).toBe(json);
  });

  it('are objects, and written as such', () => {
    const hidden = [
      new Date(0),
      { toJSON: () => [] },
      { toJSON: () => null },
      { toJSON: () => 'x' },
    ];
    for (const value of [...odd, 'text', [], ['a'], ...hidden]) {
      expect(refusal(() => writeData(value))).toBe('data');
      expect(refusal(() => writeClaims(value))).toBe('claims');
    }
    expect(writeData(Object.create(null))).toBe('{}');
  });

  it('are refused where JSON cannot say them', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    const thrower = {
      get secret(): string {
        throw new Error('hunter2');
      },
    };
    for (const value of [cyclic, { big: 5n }, thrower]) {
      expect(refusal(() => writeData(value))).toBe('data');
      expect(refusal(() => writeClaims(value))).toBe('claims');
    }
    expect(() => writeData(thrower)).toThrow(
      new InvalidInputError('data', 'cannot be written as JSON'),
    );
  });

  it('are bounded: 2,048 characters of claims, 16,384 of data', () => {
    const of = (length: number): object => ({ a: 'x'.repeat(length - '{"a":""}'.length) });
    expect(writeClaims(of(2_048))).toHaveLength(2_048);
    expect(refusal(() => writeClaims(of(2_049)))).toBe('claims');
    expect(writeData(of(16_384))).toHaveLength(16_384);
    expect(refusal(() => writeData(of(16_385)))).toBe('data');
    expect(refusal(() => writeData(of(10_000_000)))).toBe('data');
  });

  it('leave the names that tokens use themselves alone', () => {
    for (const name of [
      'iss',
      'aud',
      'sub',
      'client_id',
      'iat',
      'exp',
      'jti',
      'nbf',
      'sid',
      'gen',
    ]) {
      expect(refusal(() => writeClaims({ [name]: 1 }))).toBe(`claims.${name}`);
      expect(refusal(() => writeClaims({ toJSON: () => ({ [name]: 1 }) }))).toBe(`claims.${name}`);
      expect(writeData({ [name]: 1 })).toBe(`{"${name}":1}`);
    }
    for (const name of ['auth_time', 'acr', 'amr', 'scope', 'cnf', 'act', 'org_id']) {
      expect(refusal(() => writeClaims({ [name]: 1 }))).toBe(`claims.${name}`);
    }
    expect(writeClaims({ Sub: 1, nested: { sub: 1 } })).toBe('{"Sub":1,"nested":{"sub":1}}');
  });

  it('claims are what any access token can carry', () => {
    const deep = (levels: number): object => (levels === 0 ? {} : { a: deep(levels - 1) });
    expect(writeClaims(deep(31))).toBe(JSON.stringify(deep(31)));
    expect(refusal(() => writeClaims(deep(32)))).toBe('claims');
    expect(refusal(() => writeClaims(JSON.parse('{"__proto__":1}')))).toBe('claims');
    expect(refusal(() => writeClaims(JSON.parse('{"a":{"__proto__":1}}')))).toBe('claims');
    expect(writeClaims({ constructor: 1, prototype: 2 })).toBe('{"constructor":1,"prototype":2}');
  });
});

describe('a lifetime of one session', () => {
  it('is the configured one, or a shorter one', () => {
    expect(validateLifetime('a', undefined, 500, 100)).toBe(500);
    expect(validateLifetime('a', 101, 500, 100)).toBe(101);
    expect(validateLifetime('a', 499.9, 500, 100)).toBe(499);
    expect(validateLifetime('a', 500, 500, 100)).toBe(500);
    for (const given of [100, 501, 0, -5, Number.NaN, Infinity, '200', null, {}]) {
      expect(refusal(() => validateLifetime('a', given as number, 500, 100))).toBe('a');
    }
  });
});
