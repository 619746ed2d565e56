import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  expired,
  header,
  jwtWith,
  now,
  payload,
  refusalOf,
  signed,
  text,
} from '../../test/jwts.ts';
import { type Jwt, type JwtOptions } from './jwt.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('a token that is right in everything is accepted', async () => {
  expect(await refusalOf(signed(header))).toBeUndefined();
});

describe('JW-06: issuer, audience and the other claims', () => {
  test('the issuer is compared by exact text', async () => {
    for (const iss of [
      'https://i.example/',
      'https://I.example',
      'https://i.example.attacker',
      'i',
      '',
      null,
      ['https://i.example'],
      undefined,
    ]) {
      expect(await refusalOf(signed(header, { ...payload, iss }))).toBe('claims');
    }
  });

  test('the audience has to name us, by exact text', async () => {
    for (const aud of [
      'ap',
      'api ',
      'API',
      'api,other',
      '',
      ['other'],
      [],
      [['api']],
      { api: 1 },
      null,
      undefined,
      1,
    ]) {
      expect(await refusalOf(signed(header, { ...payload, aud }))).toBe('claims');
    }
    for (const aud of ['api', ['api'], ['other', 'api']]) {
      expect(await refusalOf(signed(header, { ...payload, aud }))).toBeUndefined();
    }
    const two = jwtWith({ audience: ['files', 'mail'] });
    expect(
      await refusalOf(signed(header, { ...payload, aud: ['x', 'mail'] }), two),
    ).toBeUndefined();
    expect(await refusalOf(signed(header), two)).toBe('claims');
  });

  test.each(['sub', 'client_id', 'iat', 'exp'])('%s is missing', async (name) => {
    expect(await refusalOf(signed(header, { ...payload, [name]: undefined }))).toBe('claims');
  });

  test('times are finite numbers', async () => {
    for (const name of ['iat', 'exp', 'nbf']) {
      for (const value of ['"1000000"', 'null', '[1000000]', 'true', '"Infinity"', '1e308']) {
        const raw = text({ ...payload, [name]: 0 }).replace(`"${name}":0`, `"${name}":${value}`);
        expect(await refusalOf(signed(header, raw))).toBe('claims');
      }
      for (const value of ['1e999', '-1e999', 'NaN', 'Infinity']) {
        const raw = text({ ...payload, [name]: 0 }).replace(`"${name}":0`, `"${name}":${value}`);
        expect(await refusalOf(signed(header, raw))).toBe('malformed');
      }
    }
  });

  test('a payload that is not a JSON object', async () => {
    for (const raw of [
      '',
      'null',
      '[]',
      '"a"',
      '{',
      `${text(payload)} {}`,
      `\uFEFF${text(payload)}`,
    ]) {
      expect(await refusalOf(signed(header, raw))).toBe('malformed');
    }
    const bytes = Buffer.from(text({ ...payload, x: '~' }));
    bytes[bytes.indexOf('~')] = 0xff;
    expect(await refusalOf(signed(header, new Uint8Array(bytes)))).toBe('malformed');
  });
});

describe('JW-07: time', () => {
  const at = (seconds: number, options: Partial<JwtOptions> = {}): Jwt =>
    jwtWith({ ...options, clock: () => seconds * 1000 });
  const exp = payload.exp;

  test('exp, to the millisecond, with the default tolerance of 5 s', async () => {
    const token = signed(header);
    expect(await refusalOf(token, at(exp + 4.999))).toBeUndefined();
    expect(await refusalOf(token, at(exp + 5))).toBe(expired);
  });

  test('exp with no tolerance and with the most', async () => {
    const token = signed(header);
    expect(await refusalOf(token, at(exp - 0.001, { clockTolerance: 0 }))).toBeUndefined();
    expect(await refusalOf(token, at(exp, { clockTolerance: 0 }))).toBe(expired);
    expect(await refusalOf(token, at(exp + 59.999, { clockTolerance: 60_000 }))).toBeUndefined();
    expect(await refusalOf(token, at(exp + 60, { clockTolerance: 60_000 }))).toBe(expired);
  });

  test.each(['iat', 'nbf'])('%s in the future', async (name) => {
    const token = signed(header, { ...payload, [name]: now + 100 });
    expect(await refusalOf(token, at(now + 95))).toBeUndefined();
    expect(await refusalOf(token, at(now + 94.999))).toBe('claims');
    expect(await refusalOf(token, at(now + 100, { clockTolerance: 0 }))).toBeUndefined();
    expect(await refusalOf(token, at(now + 99.999, { clockTolerance: 0 }))).toBe('claims');
  });

  test('fractions of a second count', async () => {
    const token = signed(header, { ...payload, exp: now + 0.5 });
    expect(await refusalOf(token, at(now + 0.499, { clockTolerance: 0 }))).toBeUndefined();
    expect(await refusalOf(token, at(now + 0.5, { clockTolerance: 0 }))).toBe(expired);
  });

  test('a clock that is broken accepts nothing', async () => {
    for (const time of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      expect(await refusalOf(signed(header), at(time))).toBeDefined();
    }
  });
});

test('JW-12: a name that comes twice', async () => {
  const head = text(header);
  const body = text(payload);
  const twice = (json: string, member: string): string => `${json.slice(0, -1)},${member}}`;
  for (const member of [
    '"alg":"HS256"',
    '"kid":"h"',
    '"typ":"at+jwt"',
    '"x":1,"x":2',
    '"\\u006bid":"h"',
  ]) {
    expect(await refusalOf(signed(twice(head, member)))).toBe('malformed');
  }
  for (const member of [
    '"sub":"admin"',
    '"sub":"user"',
    '"exp":9e9',
    '"a":{"b":1,"b":1}',
    '"\\u0073ub":"admin"',
  ]) {
    expect(await refusalOf(signed(header, twice(body, member)))).toBe('malformed');
  }
  expect(await refusalOf(signed(twice(head, '"x":1'), twice(body, '"x":1')))).toBeUndefined();
});

describe('a token without jti', () => {
  const { jti: _, ...legacy } = payload;

  test('is refused, also for logging out', async () => {
    expect(await refusalOf(signed(header, legacy))).toBe('no_id');
    await expect(jwtWith().readIgnoringTime(signed(header, legacy))).rejects.toMatchObject({
      refusal: 'no_id',
    });
    for (const jti of [null, '', 7]) {
      expect(await refusalOf(signed(header, { ...payload, jti }))).toBe('claims');
    }
  });

  test('a polluted prototype does not supply a jti', async () => {
    Object.defineProperty(Object.prototype, 'jti', { value: 'x', configurable: true });
    try {
      expect(await refusalOf(signed(header, legacy))).toBe('no_id');
    } finally {
      Reflect.deleteProperty(Object.prototype, 'jti');
    }
  });

  test('passes if that was asked for, and says so once', async () => {
    const onLegacy = vi.fn<() => void>();
    const jwt = jwtWith({ dangerouslyAllowMissingId: true, onLegacy });
    expect(await refusalOf(signed(header), jwt)).toBeUndefined();
    expect(await refusalOf(signed(header, { ...legacy, exp: now - 100 }), jwt)).toBe(expired);
    expect(await refusalOf(signed(header, { ...legacy, aud: 'x' }), jwt)).toBe('claims');
    expect(await refusalOf(signed(header, { ...legacy, jti: '' }), jwt)).toBe('claims');
    expect(onLegacy).not.toHaveBeenCalled();
    expect((await jwt.verify(signed(header, legacy))).payload.jti).toBeUndefined();
    await jwt.verify(signed(header, { ...legacy, sub: 'other' }));
    expect(onLegacy).toHaveBeenCalledTimes(1);
  });

  test('warns on the console by default', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const jwt = jwtWith({ dangerouslyAllowMissingId: true });
    await jwt.verify(signed(header, legacy));
    await jwt.verify(signed(header, { ...legacy, sub: 'other' }));
    expect(warn.mock.calls).toEqual([[expect.stringContaining('without jti')]]);
    warn.mockRestore();
  });

  test('any value but true refuses it', async () => {
    const jwt = jwtWith({ dangerouslyAllowMissingId: 'false' as unknown as boolean });
    expect(await refusalOf(signed(header, legacy), jwt)).toBe('no_id');
  });
});
