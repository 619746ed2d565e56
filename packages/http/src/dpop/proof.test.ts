import { expect, test } from 'vitest';
import { createProver, encoded } from '../../test/dpop/proofs.ts';
import {
  accessToken,
  type Forgery,
  good,
  origin,
  refusalOf,
  request,
  setUp,
  without,
} from '../../test/dpop/verifier.ts';

const ec = await createProver();
const other = await createProver();

test.each([
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
  'PS256',
  'PS384',
  'PS512',
  'RS256',
] as const)(
  'a proof signed with %s holds where the algorithm is allowed, and only there',
  async (alg) => {
    const prover = await createProver(alg);
    const proof = await prover.prove(good());
    const allowing = setUp({ algorithms: [alg] }).dpop;
    expect(allowing.algorithms).toBe(alg);
    expect((await allowing.verify(request(proof), accessToken)).jkt).toBe(prover.jkt);
    const other = alg === 'ES256' ? 'ES384' : 'ES256';
    expect(await refusalOf(setUp({ algorithms: [other] }).dpop.verify(request(proof)))).toBe('alg');
  },
);

test.each<Forgery>([
  ['empty', 'malformed', () => ''],
  [
    'two segments',
    'malformed',
    async (p) => (await p.prove(good())).split('.').slice(0, 2).join('.'),
  ],
  ['four segments', 'malformed', async (p) => `${await p.prove(good())}.AAAA`],
  ['padding', 'malformed', async (p) => `${await p.prove(good())}=`],
  ['a blank', 'malformed', async (p) => ` ${await p.prove(good())}`],
  ['too long', 'malformed', (p) => p.prove({ ...good(), more: 'x'.repeat(4_000) })],
  ['a header that is not JSON', 'malformed', () => 'AAAA.AAAA.AAAA'],
  ['a header that is a list', 'malformed', () => `${encoded([])}.${encoded({})}.AAAA`],
  ['DP-02: typ JWT', 'typ', (p) => p.prove(good(), { typ: 'JWT' })],
  ['DP-02: typ in capitals', 'typ', (p) => p.prove(good(), { typ: 'DPoP+JWT' })],
  ['DP-02: the long typ', 'typ', (p) => p.prove(good(), { typ: 'application/dpop+jwt' })],
  ['DP-02: no typ', 'typ', (p) => p.prove(good(), { typ: undefined })],
  [
    'DP-02: none',
    'alg',
    (p) => `${encoded({ typ: 'dpop+jwt', alg: 'none', jwk: p.jwk })}.${encoded(good())}.AAAA`,
  ],
  [
    'DP-02: HS256',
    'alg',
    (p) =>
      `${encoded({ typ: 'dpop+jwt', alg: 'HS256', jwk: { kty: 'oct', k: 'AAAA' } })}.${encoded(good())}.${p.jkt}`,
  ],
  [
    'DP-02: an algorithm that is not a string',
    'alg',
    (p) => `${encoded({ typ: 'dpop+jwt', alg: ['ES256'], jwk: p.jwk })}.${encoded(good())}.AAAA`,
  ],
  [
    'JW-04: crit',
    'malformed',
    (p) =>
      `${encoded({ typ: 'dpop+jwt', alg: 'ES256', jwk: p.jwk, crit: ['b64'], b64: false })}.${encoded(good())}.AAAA`,
  ],
  ['DP-04: another key', 'signature', (p) => p.prove(good(), { jwk: other.jwk })],
  [
    'DP-04: no signature at all',
    'signature',
    async (p) => `${(await p.prove(good())).split('.').slice(0, 2).join('.')}.AAAA`,
  ],
  [
    'DP-04: other claims',
    'signature',
    async (p) => {
      const [head, , sign] = (await p.prove(good())).split('.');
      return `${head}.${encoded({ ...good(), jti: 'two' })}.${sign}`;
    },
  ],
  ...['jti', 'htm', 'htu', 'iat'].map(
    (name): Forgery => [`DP-05: no ${name}`, 'claims', (p) => p.prove(without(name))],
  ),
  ['DP-05: an iat in a text', 'claims', (p) => p.prove({ ...good(), iat: '1700000000' })],
  ['DP-05: an htu in a list', 'claims', (p) => p.prove({ ...good(), htu: [`${origin}/notes`] })],
  ['DP-05: an htm that is a number', 'claims', (p) => p.prove({ ...good(), htm: 1 })],
  ['DP-05: an empty jti', 'claims', (p) => p.prove({ ...good(), jti: '' })],
  ['DP-10: a jti of 257 characters', 'claims', (p) => p.prove({ ...good(), jti: 'x'.repeat(257) })],
])('a forgery is refused: %s', async (_, reason, forge) => {
  const { dpop } = setUp();
  const verified = dpop.verify(request(await forge(ec)), accessToken);
  expect(await refusalOf(verified)).toBe(reason);
});

test('only the holder of a key takes memory, and the number of keys is bounded', async () => {
  const { dpop } = setUp();
  const forged = await ec.prove(good(), { jwk: other.jwk });
  expect(await refusalOf(dpop.verify(request(forged), accessToken))).toBe('signature');
  for (let i = 0; i < 1_100; i++) {
    const proof = await ec.prove(good(), { n: i });
    expect((await dpop.verify(request(proof), accessToken)).jkt).toBe(ec.jkt);
  }
});
