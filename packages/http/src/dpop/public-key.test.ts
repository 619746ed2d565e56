import { expect, test } from 'vitest';
import { createProver } from '../../test/dpop/proofs.ts';
import {
  accessToken,
  type Forgery,
  good,
  refusalOf,
  request,
  setUp,
} from '../../test/dpop/verifier.ts';

const ec = await createProver();
const rsa = await createProver('PS256');

test.each<Forgery>([
  ['DP-03: a private key', 'jwk', (p) => p.prove(good(), { jwk: p.privateJwk })],
  ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map(
    (name): Forgery => [
      `DP-03: a key with ${name}`,
      'jwk',
      (p) => p.prove(good(), { jwk: { ...p.jwk, [name]: 'AAAA' } }),
    ],
  ),
  ['DP-03: no key', 'jwk', (p) => p.prove(good(), { jwk: undefined })],
  [
    'DP-03: a key id in place of a key',
    'jwk',
    (p) => p.prove(good(), { jwk: undefined, kid: 'main' }),
  ],
  ['DP-03: a key that is a text', 'jwk', (p) => p.prove(good(), { jwk: 'AAAA' })],
  ['DP-03: a symmetric key', 'jwk', (p) => p.prove(good(), { jwk: { kty: 'oct' } })],
  ['DP-03: a key of another kind', 'jwk', (p) => p.prove(good(), { jwk: rsa.jwk })],
  [
    'DP-03: a key of another curve',
    'jwk',
    (p) => p.prove(good(), { jwk: { ...p.jwk, crv: 'P-384' } }),
  ],
  [
    'DP-03: a point off the curve',
    'jwk',
    (p) => p.prove(good(), { jwk: { ...p.jwk, y: p.jwk.x } }),
  ],
  ['DP-03: half a point', 'jwk', (p) => p.prove(good(), { jwk: { ...p.jwk, y: undefined } })],
  [
    'DP-03: an RSA key of 1,024 bits',
    'jwk',
    () => rsa.prove(good(), { jwk: { ...rsa.jwk, n: rsa.jwk.n?.slice(0, 171) } }),
  ],
  [
    'DP-03: an RSA key that begins with noughts',
    'jwk',
    () => rsa.prove(good(), { jwk: { ...rsa.jwk, n: `A${rsa.jwk.n?.slice(1)}` } }),
  ],
  [
    'DP-03: an RSA key with the exponent 1',
    'jwk',
    () => rsa.prove(good(), { jwk: { ...rsa.jwk, e: 'AQ' } }),
  ],
])('a forgery is refused: %s', async (_, reason, forge) => {
  const { dpop } = setUp();
  const verified = dpop.verify(request(await forge(ec)), accessToken);
  expect(await refusalOf(verified)).toBe(reason);
});

test('other members of a key do not change its thumbprint', async () => {
  const { dpop } = setUp();
  const jwk = { ...ec.jwk, use: 'enc', key_ops: ['encrypt'], alg: 'RS256', ext: false, kid: 'x' };
  const proof = await ec.prove(good(), { jwk });
  expect((await dpop.verify(request(proof), accessToken)).jkt).toBe(ec.jkt);
});
