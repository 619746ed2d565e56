import { expect, test } from 'vitest';
import { jwksOf } from './jwks.ts';
import { createKeySet } from './key-set.ts';
import { generateSigningKey } from './signing-key.ts';

test('the document holds every public key, published and retired ones too', async () => {
  const { keys } = await jwksOf(
    createKeySet([
      await generateSigningKey('EdDSA', { kid: 'ed', status: 'published' }),
      await generateSigningKey('ES256', { kid: 'ec' }),
      await generateSigningKey('RS256', { kid: 'rsa', status: 'retired' }),
    ]),
  );
  const text = expect.any(String);
  // Exactly these members: what is not listed here must not be there.
  expect(keys).toStrictEqual([
    { kty: 'OKP', crv: 'Ed25519', x: text, use: 'sig', alg: 'EdDSA', kid: 'ed' },
    { kty: 'EC', crv: 'P-256', x: text, y: text, use: 'sig', alg: 'ES256', kid: 'ec' },
    { kty: 'RSA', n: text, e: 'AQAB', use: 'sig', alg: 'RS256', kid: 'rsa' },
  ]);
});

test('a secret has no public half: the document is empty', async () => {
  const document = await jwksOf(createKeySet([await generateSigningKey('HS256')]));
  expect(document).toStrictEqual({ keys: [] });
});

test('nobody can change the document that others get', async () => {
  const document = await jwksOf(createKeySet([await generateSigningKey('EdDSA')]));
  expect(Object.isFrozen(document)).toBe(true);
  expect(Object.isFrozen(document.keys)).toBe(true);
  expect(Object.isFrozen(document.keys[0])).toBe(true);
});
