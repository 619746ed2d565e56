import fc from 'fast-check';
import { CompactSign, decodeProtectedHeader, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import { createJwt, type Jwt, type JwtOptions } from './jwt.ts';
import { type JwtClaimsInput, reservedClaims } from './payload.ts';
import {
  type AsymmetricSigningKey,
  exportSigningKey,
  generateSigningKey,
  type SigningKey,
} from './signing-key.ts';

const secret = new Uint8Array(48).map((_, i) => i * 5);
const hs: SigningKey = { kid: 'h', alg: 'HS256', secret };
const keys: SigningKey[] = [
  hs,
  await generateSigningKey('EdDSA', { kid: 'ed' }),
  await generateSigningKey('RS256', { kid: 'rsa' }),
  await generateSigningKey('ES256', { kid: 'ec' }),
];
const clock = (): number => 1_000_000;

const jwtWith = (key: SigningKey, options: Partial<JwtOptions> = {}): Jwt =>
  createJwt({
    issuer: 'https://i.example',
    audience: 'api',
    clientId: 'web',
    keys: [key],
    clock,
    ...options,
  });

const input: JwtClaimsInput = { sub: 'user', iat: 1000, exp: 1600, jti: 'j' };
const whole = {
  iss: 'https://i.example',
  aud: 'api',
  sub: 'user',
  client_id: 'web',
  iat: 1000,
  exp: 1600,
  jti: 'j',
};

describe.each(keys)('$alg', (key) => {
  test('jose accepts what we sign', async () => {
    const token = await jwtWith(key).sign({ ...input, sid: 's', roles: ['ä', '漢', '😀'] });
    const verifying = key.alg === 'HS256' ? key.secret : key.publicKey;
    const { payload, protectedHeader } = await jwtVerify(token, verifying, {
      issuer: 'https://i.example',
      audience: 'api',
      typ: 'at+jwt',
      algorithms: [key.alg],
      currentDate: new Date(clock()),
    });
    expect(protectedHeader).toStrictEqual({ alg: key.alg, typ: 'at+jwt', kid: key.kid });
    expect(payload).toStrictEqual({ ...whole, sid: 's', roles: ['ä', '漢', '😀'] });
  });

  test('we accept what jose signs', async () => {
    const signing = key.alg === 'HS256' ? key.secret : (key as AsymmetricSigningKey).privateKey;
    const token = await new SignJWT({ ...whole, plan: 'pro' })
      .setProtectedHeader({ typ: 'at+jwt', kid: key.kid, alg: key.alg })
      .sign(signing as Uint8Array);
    const { payload, claims } = await jwtWith(key).verify(token);
    expect(payload).toStrictEqual({ ...whole, plan: 'pro' });
    expect({ ...claims }).toStrictEqual({ plan: 'pro' });
  });
});

test('the synchronous HS256 path makes what jose makes, byte for byte', async () => {
  const claims = fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 3 }), {
    maxKeys: 5,
  });
  const key = fc.uint8Array({ minLength: 32, maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(
      claims,
      fc.string({ minLength: 1, unit: 'grapheme' }),
      key,
      async (own, sub, bytes) => {
        fc.pre(!JSON.stringify(own).includes('__proto__') && sub.length <= 255);
        fc.pre(!Object.keys(own).some((name) => reservedClaims.includes(name)));
        const token = await jwtWith({ ...hs, secret: bytes }).sign({ ...own, ...input, sub });
        const [, payload = ''] = token.split('.');
        const jose = await new CompactSign(Buffer.from(payload, 'base64url'))
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'h' })
          .sign(bytes);
        expect(token).toBe(jose);
      },
    ),
  );
});

describe('a retry gets the very same token', () => {
  const one = {
    ...input,
    sid: 's',
    gen: 1,
    roles: ['a', 'b'],
    deep: { x: 1, a: [{ z: 1, b: 2 }] },
  };
  // As a store that orders names its own way gives them back.
  const same = {
    deep: { a: [{ b: 2, z: 1 }], x: 1 },
    roles: ['a', 'b'],
    gen: 1,
    sid: 's',
    jti: 'j',
    exp: 1600,
    iat: 1000,
    sub: 'user',
  };

  test.each(keys.slice(0, 3))('$alg, in whatever order the names come', async (key) => {
    const token = await jwtWith(key).sign(one);
    expect(await jwtWith(key).sign(one)).toBe(token);
    expect(await jwtWith(key).sign(same)).toBe(token);
    expect(await jwtWith(key).sign({ ...one, roles: ['b', 'a'] })).not.toBe(token);
  });
});

test('iss, aud and client_id come from the options, aud and client_id can be given', async () => {
  const jwt = jwtWith(hs, { audience: ['api', 'files'] });
  expect((await jwt.verify(await jwt.sign(input))).payload).toMatchObject({
    aud: ['api', 'files'],
    client_id: 'web',
  });
  const narrow = await jwt.verify(await jwt.sign({ ...input, aud: 'files', client_id: 'cli' }));
  expect(narrow.payload).toMatchObject({ aud: 'files', client_id: 'cli' });
  await expect(jwt.sign({ ...input, iss: 'https://i.example' })).resolves.toBeTypeOf('string');
});

test('the first active key signs', async () => {
  const jwt = jwtWith(hs, {
    keys: [{ ...hs, kid: 'next', status: 'published' }, { ...hs, kid: 'now' }, hs],
  });
  expect(decodeProtectedHeader(await jwt.sign(input)).kid).toBe('now');
});

describe('nothing is signed that would be refused', () => {
  const refused: [string, Record<string, unknown>][] = [
    ['no subject', { sub: undefined }],
    ['no id', { jti: undefined }],
    ['no end', { exp: undefined }],
    ['a time as text', { iat: '1000' }],
    ['an end before the start', { exp: 1000 }],
    ['an issuer that is not ours', { iss: 'https://other.example' }],
    ['a session id of the wrong type', { sid: 7 }],
    ['a binding that cannot be checked', { cnf: {} }],
    ['NaN', { exp: Number.NaN }],
    ['NaN in a claim', { limit: Number.NaN }],
    ['infinity at depth', { a: [{ b: Number.POSITIVE_INFINITY }] }],
    ['a bigint', { a: 1n }],
    ['a function', { a: () => 1 }],
    ['a date', { a: new Date(0) }],
    ['a Map', { a: new Map() }],
    ['a hole', { a: [undefined] }],
    ['__proto__', JSON.parse('{"__proto__":{"admin":true}}') as Record<string, unknown>],
    ['__proto__ at depth', { a: JSON.parse('[{"__proto__":1}]') }],
    ['too long a token', { a: 'x'.repeat(8192) }],
    ['too deep', { a: Array.from({ length: 40 }).reduce((inner) => [inner], null) }],
  ];

  test.each(refused)('%s', async (_, change) => {
    const signing = jwtWith(hs).sign({ ...input, ...change } as JwtClaimsInput & typeof change);
    await expect(signing).rejects.toThrow(InvalidInputError);
  });

  test('a circle', async () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    await expect(jwtWith(hs).sign({ ...input, circle })).rejects.toThrow(InvalidInputError);
  });

  test('no client', async () => {
    const jwt = createJwt({ issuer: 'i', audience: 'a', keys: [hs] });
    await expect(jwt.sign(input)).rejects.toThrow(/client_id/);
  });

  test('the message names the claim and quotes nothing', async () => {
    const error: unknown = await jwtWith(hs)
      .sign({ ...input, sid: ['sensitive'] as unknown as string })
      .catch((reason: unknown) => reason);
    expect(String(error)).toContain('sid');
    expect(String(error)).not.toContain('sensitive');
  });

  test('whatever is signed is verified', async () => {
    const jwt = jwtWith(hs);
    const claims = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 });
    await fc.assert(
      fc.asyncProperty(claims, async (own) => {
        fc.pre(!JSON.stringify(own).includes('__proto__'));
        fc.pre(!Object.keys(own).some((name) => reservedClaims.includes(name)));
        const { claims: read } = await jwt.verify(await jwt.sign({ ...own, ...input }));
        expect({ ...read }).toEqual(JSON.parse(JSON.stringify(own)));
      }),
    );
  });
});

test('a JWK that was kept signs the same as the key itself', async () => {
  const [, ed] = keys as [SigningKey, AsymmetricSigningKey];
  const key = await importJWK((await exportSigningKey(ed)) as JWK, 'EdDSA');
  const token = await jwtWith(ed).sign(input);
  const again = await new SignJWT(whole)
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'ed' })
    .sign(key);
  expect(token).toBe(again);
});
