import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../errors.ts';
import { createKeySet, secretOf } from './key-set.ts';
import {
  type AsymmetricSigningKey,
  exportSigningKey,
  generateSigningKey,
  importSigningKey,
  type SigningKey,
  type SigningKeyStatus,
} from './signing-key.ts';

const pair = async (alg: 'EdDSA' | 'ES256' | 'RS256', kid = 'a'): Promise<AsymmetricSigningKey> =>
  (await generateSigningKey(alg, { kid })) as AsymmetricSigningKey;

const ed = await pair('EdDSA');
const ec = await pair('ES256');
const rsa = await pair('RS256');
const secret = new Uint8Array(32).fill(1);
const hs: SigningKey = { kid: 'h', alg: 'HS256', secret };

const optionRefused = (keys: unknown): string | undefined => {
  try {
    createKeySet(keys as readonly SigningKey[]);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).option;
  }
};

test('what is right is taken', () => {
  expect(optionRefused([ed])).toBeUndefined();
  expect(optionRefused([ec, { ...rsa, kid: 'b' }, { ...ed, kid: 'c' }])).toBeUndefined();
  expect(optionRefused([hs, { ...hs, kid: 'i' }])).toBeUndefined();
});

describe('refused at construction, naming the option', () => {
  test('no keys, or no key', () => {
    for (const keys of [undefined, null, []]) expect(optionRefused(keys)).toBe('keys');
    for (const key of [undefined, null, {}, '']) {
      expect(optionRefused([hs, key])).toBe('keys[1].alg');
    }
  });

  test('JW-02: no algorithm, or none', () => {
    for (const alg of [undefined, 'none', 'None', '', 'HS384', 'toString']) {
      expect(optionRefused([{ ...ed, alg }])).toBe('keys[0].alg');
    }
  });

  test('JW-02: symmetric and asymmetric keys in one set', () => {
    expect(optionRefused([ed, hs])).toBe('keys');
    expect(optionRefused([hs, { ...ed, status: 'retired' }])).toBe('keys');
  });

  test('JW-11: a kid that is not 1 to 64 plain characters', () => {
    const wrong = ['', 'a/b', '../a', 'a b', 'ä', 'a\n', 'a'.repeat(65), 7, undefined, ["'--"]];
    for (const kid of wrong) expect(optionRefused([{ ...ed, kid }])).toBe('keys[0].kid');
    for (const kid of ['a', 'A.z_0-9', 'a'.repeat(64)]) {
      expect(optionRefused([{ ...ed, kid }])).toBeUndefined();
    }
  });

  test('a kid that is used twice', () => {
    expect(optionRefused([ed, { ...ec, status: 'retired' }])).toBe('keys[1].kid');
  });

  test('JW-13: no active key, or an unknown status', () => {
    expect(optionRefused([{ ...ed, status: 'published' }])).toBe('keys');
    expect(optionRefused([{ ...ed, status: 'retired' }])).toBe('keys');
    expect(optionRefused([{ ...ed, status: 'revoked' }])).toBe('keys[0].status');
  });

  test('JW-08: a secret that is short, empty, falsy or no bytes', () => {
    const wrong = [new Uint8Array(31), new Uint8Array(), undefined, null, '', 'a'.repeat(64), 0];
    for (const value of wrong) {
      expect(optionRefused([{ ...hs, secret: value }])).toBe('keys[0].secret');
    }
  });

  test('JW-01: a key of another algorithm', () => {
    expect(optionRefused([{ ...ed, alg: 'ES256' }])).toBe('keys[0].publicKey');
    expect(optionRefused([{ ...ec, alg: 'EdDSA' }])).toBe('keys[0].publicKey');
    expect(optionRefused([{ ...rsa, alg: 'EdDSA' }])).toBe('keys[0].publicKey');
    expect(optionRefused([{ ...ed, alg: 'HS256' }])).toBe('keys[0].secret');
    expect(optionRefused([{ ...hs, alg: 'EdDSA' }])).toBe('keys[0].publicKey');
    expect(optionRefused([{ ...ed, privateKey: ec.privateKey }])).toBe('keys[0].privateKey');
  });

  test('JW-01: the wrong half, curve, hash, use or size', async () => {
    const make = async (algorithm: object, usages: string[] = ['sign', 'verify']) =>
      (await crypto.subtle.generateKey(algorithm as never, true, usages as never)) as unknown as {
        publicKey: AsymmetricSigningKey['publicKey'];
        privateKey: AsymmetricSigningKey['publicKey'];
      };
    const publicExponent = Uint8Array.of(1, 0, 1);
    const rsaOf = (name: string, hash: string, modulusLength: number) =>
      make({ name, hash, modulusLength, publicExponent });
    const raw = await crypto.subtle.exportKey('raw', ed.publicKey);
    const useless = await crypto.subtle.importKey('raw', raw, 'Ed25519', true, []);
    const p384 = await make({ name: 'ECDSA', namedCurve: 'P-384' });
    const ecdh = await make({ name: 'ECDH', namedCurve: 'P-256' }, ['deriveBits']);
    const cases: [object, string][] = [
      [{ ...ed, publicKey: ed.privateKey }, 'publicKey'],
      [{ ...ed, privateKey: ed.publicKey }, 'privateKey'],
      [{ ...ed, publicKey: undefined }, 'publicKey'],
      [{ ...ed, publicKey: secret }, 'publicKey'],
      [{ ...ed, publicKey: useless }, 'publicKey'],
      [{ ...ec, ...p384 }, 'publicKey'],
      [{ ...ec, ...ecdh }, 'publicKey'],
      [{ ...rsa, ...(await rsaOf('RSASSA-PKCS1-v1_5', 'SHA-256', 1024)) }, 'publicKey'],
      [{ ...rsa, ...(await rsaOf('RSASSA-PKCS1-v1_5', 'SHA-512', 2048)) }, 'publicKey'],
      [{ ...rsa, ...(await rsaOf('RSA-PSS', 'SHA-256', 2048)) }, 'publicKey'],
    ];
    for (const [key, half] of cases) expect(optionRefused([key])).toBe(`keys[0].${half}`);
  });

  test('a public half that the JWKS document could not show', async () => {
    const raw = await crypto.subtle.exportKey('raw', ed.publicKey);
    const closed = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    expect(optionRefused([{ ...ed, publicKey: closed }])).toBe('keys[0].publicKey');
  });

  test('a key that signs without its private half', async () => {
    const { d: _, ...jwk } = await exportSigningKey(ed);
    const half = await importSigningKey(jwk);
    expect(optionRefused([half])).toBe('keys[0].privateKey');
    expect(optionRefused([{ ...ec, kid: 'b' }, half])).toBeUndefined();
    const retired = { ...ec, kid: 'b', status: 'retired' };
    expect(optionRefused([retired, half])).toBe('keys[1].privateKey');
  });
});

test('JW-13: the first key that is neither published nor retired signs', () => {
  const keyWith = (kid: string, status?: SigningKeyStatus): SigningKey => ({ ...ed, kid, status });
  const next = keyWith('next', 'published');
  const now = keyWith('now');
  const before = keyWith('before', 'active');
  const past = keyWith('past', 'retired');
  const set = createKeySet([next, past, now, before]);
  expect(set.active.kid).toBe('now');
  expect(set.all.map(({ kid }) => kid)).toEqual(['next', 'past', 'now', 'before']);
});

test('JW-11: keys are found by exact name only', () => {
  const set = createKeySet([{ ...ed, kid: 'Key' }]);
  expect(set.find('Key')?.kid).toBe('Key');
  for (const kid of ['key', 'KEY', 'Key ', '', '__proto__', 'constructor', 'size']) {
    expect(set.find(kid)).toBeUndefined();
  }
});

test('JW-08: a secret is asked for its length when it is used, too', () => {
  const short = { ...hs, secret: new Uint8Array(31) } as typeof hs & { alg: 'HS256' };
  const message = { code: 'ERR_CONFIGURATION', option: 'keys' };
  expect(() => secretOf(short)).toThrow(expect.objectContaining(message));
});

test('the set keeps its own copy of a secret and of the list', () => {
  const mine = new Uint8Array(32).fill(9);
  const list: SigningKey[] = [{ kid: 'h', alg: 'HS256', secret: mine }];
  const set = createKeySet(list);
  mine.fill(0);
  list.length = 0;
  expect(set.active).toMatchObject({ secret: new Uint8Array(32).fill(9) });
});
