import { calculateJwkThumbprint } from 'jose';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../errors.ts';
import type { SigningAlgorithm } from './algorithm.ts';
import { createJwt } from './jwt.ts';
import {
  type AsymmetricSigningKey,
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  type SigningJwk,
  type SigningKey,
} from './signing-key.ts';

const algorithms: SigningAlgorithm[] = ['EdDSA', 'ES256', 'RS256', 'HS256'];

const jwtWith = (key: SigningKey) =>
  createJwt({ issuer: 'i', audience: 'a', clientId: 'c', keys: [key], clock: () => 1_000_000 });

const claims = { sub: 'u', iat: 1000, exp: 1600, jti: 'j' };

const refusalOf = async (promise: Promise<unknown>): Promise<unknown> => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(error).not.toHaveProperty('cause');
  return (error as InvalidInputError).argument;
};

describe.each(algorithms)('%s', (alg) => {
  test('survives being kept as a JWK: either copy verifies what the other signed', async () => {
    const key = await generateSigningKey(alg);
    const kept: SigningJwk = JSON.parse(JSON.stringify(await exportSigningKey(key)));
    const again = await importSigningKey(kept);
    expect(again).toMatchObject({ alg, kid: key.kid });
    const there = jwtWith(key);
    const back = jwtWith(again);
    await expect(back.verify(await there.sign(claims))).resolves.toMatchObject({ payload: claims });
    await expect(there.verify(await back.sign(claims))).resolves.toMatchObject({ payload: claims });
  });

  test('kid and status can be given', async () => {
    const key = await generateSigningKey(alg, { kid: 'mine', status: 'published' });
    expect(key).toMatchObject({ kid: 'mine', status: 'published' });
    const jwk = await exportSigningKey(key);
    expect(jwk).toMatchObject({ kid: 'mine', alg, use: 'sig' });
    const again = await importSigningKey(jwk, { kid: 'yours', status: 'retired' });
    expect(again).toMatchObject({ kid: 'yours', status: 'retired' });
  });

  test('two generated keys differ', async () => {
    const [a, b] = await Promise.all([generateSigningKey(alg), generateSigningKey(alg)]);
    expect(a.kid).not.toBe(b.kid);
    expect(await exportSigningKey(a)).not.toEqual(await exportSigningKey(b));
  });
});

test.each(['EdDSA', 'ES256', 'RS256'] as const)('%s: kid is the thumbprint', async (alg) => {
  const key = await generateSigningKey(alg);
  const { kid: _, ...jwk } = await exportSigningKey(key);
  expect(key.kid).toBe(await calculateJwkThumbprint(jwk as Record<string, string>));
  expect((await importSigningKey(jwk)).kid).toBe(key.kid);
});

test('a public JWK gives a key without a private half', async () => {
  const { d: _, ...jwk } = await exportSigningKey(await generateSigningKey('EdDSA'));
  const key = (await importSigningKey(jwk)) as AsymmetricSigningKey;
  expect(key.privateKey).toBeUndefined();
  expect(await exportSigningKey(key)).not.toHaveProperty('d');
});

test('an imported private half stays in, unless that is asked for', async () => {
  const jwk = await exportSigningKey(await generateSigningKey('ES256'));
  const key = (await importSigningKey(jwk)) as AsymmetricSigningKey;
  expect(key.privateKey?.extractable).toBe(false);
  expect(await refusalOf(exportSigningKey(key))).toBe('key');
  const open = await importSigningKey(jwk, { extractable: true });
  expect(await exportSigningKey(open)).toEqual(jwk);
});

describe('refused, without a word about the key', () => {
  const b64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64url');

  test('an algorithm that is missing, unknown or another', async () => {
    const jwk = await exportSigningKey(await generateSigningKey('EdDSA'));
    const { alg: _, ...bare } = jwk;
    expect(await refusalOf(importSigningKey(bare))).toBe('alg');
    expect(await refusalOf(importSigningKey(jwk, { alg: 'ES256' }))).toBe('alg');
    expect(await refusalOf(importSigningKey({ ...jwk, alg: 'none' }))).toBe('alg');
    expect(await refusalOf(importSigningKey({ ...jwk, alg: 'constructor' }))).toBe('alg');
    expect(await refusalOf(generateSigningKey('none' as SigningAlgorithm))).toBe('alg');
  });

  test('JW-08: an HS256 secret that is short, empty, missing or not base64url', async () => {
    for (const k of [b64(31), '', undefined, '*'.repeat(64)]) {
      expect(await refusalOf(importSigningKey({ kty: 'oct', alg: 'HS256', kid: 'k', k }))).toBe(
        'jwk',
      );
    }
    expect(await refusalOf(importSigningKey({ kty: 'oct', alg: 'HS256', k: b64(32) }))).toBe('kid');
  });

  test('a key of another kind', async () => {
    const ed = await exportSigningKey(await generateSigningKey('EdDSA'));
    const ec = await exportSigningKey(await generateSigningKey('ES256'));
    expect(await refusalOf(importSigningKey({ ...ed, alg: 'ES256' }))).toBe('jwk');
    expect(await refusalOf(importSigningKey({ ...ec, alg: 'EdDSA' }))).toBe('jwk');
    expect(await refusalOf(importSigningKey({ ...ec, alg: 'RS256' }))).toBe('jwk');
    expect(await refusalOf(importSigningKey({ ...ec, alg: 'HS256', kid: 'k' }))).toBe('jwk');
    expect(await refusalOf(importSigningKey({ ...ed, use: 'enc' }))).toBe('jwk');
    const typed = { kty: 'EC', alg: 'HS256', kid: 'k', k: b64(32) };
    expect(await refusalOf(importSigningKey(typed))).toBe('jwk');
    expect(await refusalOf(importSigningKey({ ...ec, x: b64(32), y: b64(32) }))).toBe('jwk');
    expect(await refusalOf(importSigningKey(null as unknown as SigningJwk))).toBe('alg');
    const options = { alg: 'EdDSA' } as const;
    expect(await refusalOf(importSigningKey(null as unknown as SigningJwk, options))).toBe('jwk');
  });

  test('RSA under 2048 bits', async () => {
    const { privateKey } = (await crypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        modulusLength: 1024,
        publicExponent: Uint8Array.of(1, 0, 1),
      },
      true,
      ['sign', 'verify'],
    )) as { privateKey: NonNullable<AsymmetricSigningKey['privateKey']> };
    const { key_ops: _, ...jwk } = await crypto.subtle.exportKey('jwk', privateKey);
    expect(await refusalOf(importSigningKey(jwk as SigningJwk, { alg: 'RS256' }))).toBe('jwk');
  });

  test.each(['EdDSA', 'ES256', 'RS256'] as const)('%s halves of two keys', async (alg) => {
    const one = await exportSigningKey(await generateSigningKey(alg));
    const other = await exportSigningKey(await generateSigningKey(alg));
    const { x, n } = other;
    const mixed = alg === 'RS256' ? { ...one, n } : { ...one, x };
    expect(await refusalOf(importSigningKey(mixed))).toBe('jwk');
  });
});
