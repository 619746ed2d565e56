import { describe, expect, test } from 'vitest';
import { readPayload, reservedClaims } from './payload.ts';

const valid = {
  iss: 'https://issuer.example',
  aud: 'api',
  sub: 'user',
  client_id: 'web',
  iat: 1000,
  exp: 1600,
  jti: 'j',
};
const print = 'A'.repeat(43);

const problemOf = (change: Record<string, unknown>): string | undefined => {
  const read = readPayload(JSON.parse(JSON.stringify({ ...valid, ...change })));
  return typeof read === 'string' ? read : undefined;
};

describe('JW-06: required claims', () => {
  test.each(['iss', 'aud', 'sub', 'client_id', 'iat', 'exp'])('%s is missed', (name) => {
    expect(problemOf({ [name]: undefined })).toBe(name);
  });

  test.each(['iss', 'aud', 'sub', 'client_id', 'jti'])('%s: text, not empty, bounded', (name) => {
    for (const value of [null, '', 1, true, {}, 'x'.repeat(2049)]) {
      expect(problemOf({ [name]: value })).toBe(name);
    }
  });

  test.each(['iat', 'exp', 'nbf', 'auth_time'])('%s: a finite time', (name) => {
    for (const value of ['1600', null, [1600], {}, true, -1, 1e308, 253_402_300_800]) {
      expect(problemOf({ [name]: value })).toBe(name);
    }
    for (const value of [0, 1.5, 1e9, 253_402_300_799]) {
      expect(problemOf({ [name]: value })).toBeUndefined();
    }
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(readPayload({ ...valid, [name]: value })).toBe(name);
    }
  });

  test('aud: text or a list of text', () => {
    expect(problemOf({ aud: ['api', 'other'] })).toBeUndefined();
    for (const aud of [['api', 1], [['api']], { 0: 'api' }, [''], Array(33).fill('api')]) {
      expect(problemOf({ aud })).toBe('aud');
    }
  });

  test('a polluted prototype supplies none of them', () => {
    const { exp: _, ...rest } = valid;
    Object.defineProperty(Object.prototype, 'exp', {
      value: 9e9,
      configurable: true,
      enumerable: true,
      writable: true,
    });
    try {
      expect(readPayload(rest)).toBe('exp');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'exp');
    }
  });
});

test('optional claims have their types', () => {
  const right: [string, unknown[]][] = [
    ['sid', ['s']],
    ['gen', [0, 7]],
    ['acr', ['urn:x']],
    ['amr', [[], ['pwd', 'otp']]],
    ['scope', ['read write', 'x'.repeat(4096)]],
    ['org_id', ['o']],
    ['act', [{ sub: 'admin' }, { sub: 'admin', act: { sub: 'robot' }, iss: 'i' }]],
    ['cnf', [{ jkt: print }, { 'x5t#S256': print }, { jkt: print, 'x5t#S256': print }]],
  ];
  const wrong: [string, unknown[]][] = [
    ['sid', ['', 1, null, {}]],
    ['gen', [-1, 1.5, '1', null, 2 ** 53]],
    ['acr', [1, '', ['a']]],
    ['amr', ['pwd', [1], [''], {}]],
    ['scope', ['', 1, ['read'], 'x'.repeat(4097)]],
    ['org_id', [1, '']],
    ['act', ['admin', {}, [], { sub: 1 }, { sub: 'a', act: {} }, { sub: 'a', act: 'b' }]],
    ['cnf', [{}, [], print, null, { jkt: 'short' }, { jkt: 1 }, { jkt: `${print}A` }]],
  ];
  for (const [name, values] of right) {
    for (const value of values)
      expect([name, problemOf({ [name]: value })]).toEqual([name, undefined]);
  }
  for (const [name, values] of wrong) {
    for (const value of values) expect([name, problemOf({ [name]: value })]).toEqual([name, name]);
  }
});

test('a binding that nobody can check does not pass for none', () => {
  expect(problemOf({ cnf: { jwk: { kty: 'OKP' } } })).toBe('cnf');
  expect(problemOf({ cnf: { jkt: print, kid: 'k' } })).toBe('cnf');
  expect(problemOf({ cnf: { jkt: print, osc: print } })).toBe('cnf');
});

test('jti may be missing here, but not be wrong', () => {
  expect(problemOf({ jti: undefined })).toBeUndefined();
  expect(problemOf({ jti: null })).toBe('jti');
});

describe('the claims of the application', () => {
  const read = (extra: Record<string, unknown>) => {
    const result = readPayload({ ...valid, ...extra });
    if (typeof result === 'string') throw new Error(result);
    return result;
  };

  test('are told from ours, and nothing else is among them', () => {
    const registered = {
      nbf: 1,
      sid: 's',
      gen: 1,
      auth_time: 1,
      acr: 'a',
      amr: ['b'],
      scope: 's',
      cnf: { jkt: print },
      act: { sub: 'a' },
      org_id: 'o',
    };
    const { claims, payload } = read({ ...registered, roles: ['admin'], plan: null });
    expect({ ...claims }).toStrictEqual({ roles: ['admin'], plan: null });
    expect(payload).toStrictEqual({ ...valid, ...registered, roles: ['admin'], plan: null });
    expect(Object.keys({ ...valid, ...registered }).toSorted()).toEqual(reservedClaims.toSorted());
  });

  test('inherit nothing and are frozen', () => {
    for (const { claims } of [read({}), read({ constructor: 1 })]) {
      expect('toString' in claims).toBe(false);
      expect('__proto__' in claims).toBe(false);
      expect('hasOwnProperty' in claims).toBe(false);
      expect(Object.isFrozen(claims)).toBe(true);
    }
    expect(read({}).claims['constructor']).toBeUndefined();
    expect(read({ constructor: 1 }).claims['constructor']).toBe(1);
  });
});
