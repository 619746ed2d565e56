import { describe, expect, test } from 'vitest';
import { athOf, createProver, rfcExamples } from '../../test/dpop/proofs.ts';
import {
  accessToken,
  type Forgery,
  good,
  origin,
  refusalOf,
  request,
  secret,
  setUp,
  start,
  without,
} from '../../test/dpop/verifier.ts';
import { createMemoryStore } from '../../test/memory-store.ts';
import { createDpop, type DpopOptions } from './dpop.ts';

const ec = await createProver();
const edwards = await createProver('EdDSA');

describe('C15: the RFC’s own proofs', () => {
  test('of a token request (figure 2) and of a resource request (figure 13) verify', async () => {
    const { token, resource, jkt } = rfcExamples;
    const store = createMemoryStore();
    const at = (iat: number) => () => iat * 1_000;
    const server = createDpop({ store, origin: token.origin, clock: at(token.iat) });
    const first = await server.verify(request(token.proof, token.method, token.path));
    expect(first.jkt).toBe(jkt);
    const api = createDpop({ store, origin: resource.origin, clock: at(resource.iat) });
    const shown = request(resource.proof, resource.method, resource.path);
    const second = await api.verify(shown, resource.accessToken);
    expect(second.jkt).toBe(jkt);
    await first.consume();
    await second.consume();
    expect(await refusalOf(second.consume())).toBe('replayed');
    expect(await refusalOf(api.verify(shown, `${resource.accessToken}x`))).toBe('ath');
  });
});

test.each<Forgery>([
  ['DP-01: none', 'missing', () => undefined],
  ['DP-01: two headers', 'duplicated', async (p) => [await p.prove(good()), await p.prove(good())]],
  [
    'DP-01: two in one',
    'duplicated',
    async (p) => `${await p.prove(good())}, ${await p.prove(good())}`,
  ],
  ['DP-06: another method', 'htm', (p) => p.prove({ ...good(), htm: 'POST' })],
  ['DP-06: a method in small letters', 'htm', (p) => p.prove({ ...good(), htm: 'get' })],
  ['DP-06: another path', 'htu', (p) => p.prove({ ...good(), htu: `${origin}/note` })],
  [
    'DP-06: another host',
    'htu',
    (p) => p.prove({ ...good(), htu: 'https://api.example.com.evil.example/notes' }),
  ],
  [
    'DP-06: another scheme',
    'htu',
    (p) => p.prove({ ...good(), htu: 'http://api.example.com/notes' }),
  ],
  [
    'DP-06: another port',
    'htu',
    (p) => p.prove({ ...good(), htu: 'https://api.example.com:8443/notes' }),
  ],
  ['DP-06: no URL', 'htu', (p) => p.prove({ ...good(), htu: '/notes' })],
  [
    'DP-06: a user in it',
    'htu',
    (p) => p.prove({ ...good(), htu: 'https://api.example.com@api.example.com/notes' }),
  ],
  [
    'DP-06: a backslash',
    'htu',
    (p) => p.prove({ ...good(), htu: 'https://api.example.com\\notes' }),
  ],
  [
    'DP-06: a slash that is encoded',
    'htu',
    (p) => p.prove({ ...good(), htu: `${origin}/%2Fnotes` }),
  ],
  ['DP-07: too old', 'iat', (p) => p.prove({ ...good(), iat: start / 1_000 - 61 })],
  ['DP-07: from the future', 'iat', (p) => p.prove({ ...good(), iat: start / 1_000 + 11 })],
  ['DP-08: no ath', 'ath', (p) => p.prove(without('ath'))],
  ['DP-08: of another token', 'ath', (p) => p.prove({ ...good(), ath: athOf('another') })],
  ['DP-08: ath in a list', 'ath', (p) => p.prove({ ...good(), ath: [athOf(accessToken)] })],
])('a forgery is refused: %s', async (_, reason, forge) => {
  const { dpop } = setUp();
  const verified = dpop.verify(request(await forge(ec)), accessToken);
  expect(await refusalOf(verified)).toBe(reason);
});

test('a proof is valid at the limits of its time, and with a jti of 256 characters', async () => {
  const { dpop } = setUp();
  for (const change of [
    {},
    { iat: start / 1_000 - 60 },
    { iat: start / 1_000 + 10 },
    { jti: 'x'.repeat(256) },
  ]) {
    const proof = await ec.prove({ ...good(), ...change });
    expect((await dpop.verify(request(proof), accessToken)).jkt).toBe(ec.jkt);
  }
  const proof = await edwards.prove(good());
  expect((await dpop.verify(request(proof), accessToken)).jkt).toBe(edwards.jkt);
});

test('DP-06: a prefix that a proxy strips belongs to the target', async () => {
  const { dpop } = setUp({ pathPrefix: '/api/v1' });
  const inside = await ec.prove(good());
  const outside = await ec.prove({ ...good(), htu: `${origin}/api/v1/notes` });
  expect(await refusalOf(dpop.verify(request(inside), accessToken))).toBe('htu');
  expect((await dpop.verify(request(outside), accessToken)).jkt).toBe(ec.jkt);
});

test('a proof for a request without a path is refused', async () => {
  const { dpop } = setUp();
  for (const path of ['', '*', 'notes', '@evil.example/', '.evil.example/']) {
    const proof = await ec.prove({ ...good(), htu: origin + path });
    expect(await refusalOf(dpop.verify(request(proof, 'GET', path), accessToken))).toBe('htu');
  }
});

test.each<[string, Partial<DpopOptions>]>([
  ['store', { store: {} as DpopOptions['store'] }],
  ['origin', { origin: 'https://api.example.com/v1' }],
  ['origin', { origin: 'http://api.example.com' }],
  ['pathPrefix', { pathPrefix: '/v1/' }],
  ['pathPrefix', { pathPrefix: 'v1' }],
  ['algorithms', { algorithms: [] }],
  ['algorithms', { algorithms: ['HS256' as 'ES256'] }],
  ['algorithms', { algorithms: ['none' as 'ES256'] }],
  ['maxAge', { maxAge: 0 }],
  ['maxAge', { maxAge: NaN }],
  ['clockTolerance', { clockTolerance: -1 }],
  ['clockTolerance', { clockTolerance: 60_001 }],
  ['nonce.lifetime', { nonce: { secrets: [secret], lifetime: 1 } }],
  ['secrets', { nonce: { secrets: [] } }],
  ['secrets', { nonce: { secrets: ['short'] } }],
])('an invalid option is a configuration error: %s', (option, options) => {
  expect(() => setUp(options)).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIGURATION', option }),
  );
});
