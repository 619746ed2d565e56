import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { athOf, createProver, type Prover, rfcExamples } from '../../test/dpop-proofs.ts';
import { createMemoryStore } from '../../test/memory-store.ts';
import type { HeaderValue } from '../request.ts';
import { createDpop, type Dpop, type DpopOptions } from './dpop.ts';
import { isDpopError } from './dpop-error.ts';

const origin = 'https://api.example.com';
const start = 1_700_000_000_000;
const accessToken = 'pawl_at_anything';
const secret = 'a root secret of quite enough random bytes: 0123456789';

interface Setting {
  readonly dpop: Dpop;
  readonly wait: (ms: number) => void;
  readonly now: () => number;
}

const setUp = (options: Partial<DpopOptions> = {}): Setting => {
  let now = start;
  const clock = (): number => now;
  const store = createMemoryStore({ clock });
  return {
    dpop: createDpop({ store, origin, clock, ...options }),
    wait: (ms) => {
      now += ms;
    },
    now: clock,
  };
};

const request = (proof: HeaderValue, method = 'GET', path = '/notes') => ({
  method,
  path,
  header: (name: string): HeaderValue => (name === 'dpop' ? proof : undefined),
});

/** Why a proof is refused; fails for an error that is no refusal, or for none. */
const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error && isDpopError(error)) return error.refusal;
    throw error;
  }
  return 'accepted';
};

const ec = await createProver();
const good = (): Record<string, unknown> => ({
  jti: 'one',
  htm: 'GET',
  htu: `${origin}/notes`,
  iat: start / 1_000,
  ath: athOf(accessToken),
});

describe('the RFC’s own proofs', () => {
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

const other = await createProver();
const rsa = await createProver('PS256');
const edwards = await createProver('EdDSA');
const without = (name: string): Record<string, unknown> =>
  Object.fromEntries(Object.entries(good()).filter(([key]) => key !== name));
const encoded = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

type Forge = (prover: Prover) => HeaderValue | Promise<HeaderValue>;

test.each<[string, string, Forge]>([
  ['DP-01: none', 'missing', () => undefined],
  ['DP-01: two headers', 'duplicated', async (p) => [await p.prove(good()), await p.prove(good())]],
  [
    'DP-01: two in one',
    'duplicated',
    async (p) => `${await p.prove(good())}, ${await p.prove(good())}`,
  ],
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
  ['a header that is no JSON', 'malformed', () => 'AAAA.AAAA.AAAA'],
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
    'DP-02: an algorithm that is no text',
    'alg',
    (p) => `${encoded({ typ: 'dpop+jwt', alg: ['ES256'], jwk: p.jwk })}.${encoded(good())}.AAAA`,
  ],
  [
    'JW-04: crit',
    'malformed',
    (p) =>
      `${encoded({ typ: 'dpop+jwt', alg: 'ES256', jwk: p.jwk, crit: ['b64'], b64: false })}.${encoded(good())}.AAAA`,
  ],
  ['DP-03: a private key', 'jwk', (p) => p.prove(good(), { jwk: p.privateJwk })],
  ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map((name): [string, string, Forge] => [
    `DP-03: a key with ${name}`,
    'jwk',
    (p) => p.prove(good(), { jwk: { ...p.jwk, [name]: 'AAAA' } }),
  ]),
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
  ...['jti', 'htm', 'htu', 'iat'].map((name): [string, string, Forge] => [
    `DP-05: no ${name}`,
    'claims',
    (p) => p.prove(without(name)),
  ]),
  ['DP-05: an iat in a text', 'claims', (p) => p.prove({ ...good(), iat: '1700000000' })],
  ['DP-05: an htu in a list', 'claims', (p) => p.prove({ ...good(), htu: [`${origin}/notes`] })],
  ['DP-05: an htm that is a number', 'claims', (p) => p.prove({ ...good(), htm: 1 })],
  ['DP-05: an empty jti', 'claims', (p) => p.prove({ ...good(), jti: '' })],
  ['DP-10: a jti of 257 characters', 'claims', (p) => p.prove({ ...good(), jti: 'x'.repeat(257) })],
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

test('a good proof holds at the edges of its time, and with a jti of 256 characters', async () => {
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

test('what else is in a key does not matter: it is the same key', async () => {
  const { dpop } = setUp();
  const jwk = { ...ec.jwk, use: 'enc', key_ops: ['encrypt'], alg: 'RS256', ext: false, kid: 'x' };
  const proof = await ec.prove(good(), { jwk });
  expect((await dpop.verify(request(proof), accessToken)).jkt).toBe(ec.jkt);
});

test('DP-10: a proof counts once, for as long as it could be accepted', async () => {
  const { dpop, wait } = setUp();
  const proof = await ec.prove({ ...good(), iat: start / 1_000 + 10 });
  const verify = (method = 'GET', path = '/notes') =>
    dpop.verify(request(proof, method, path), accessToken);
  const racing = await Promise.allSettled(
    Array.from({ length: 20 }, async () => (await verify()).consume()),
  );
  expect(racing.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  wait(70_000);
  expect(await refusalOf((await verify()).consume())).toBe('replayed');
  wait(1);
  expect(await refusalOf(verify())).toBe('iat');
});

test('DP-10: the same jti for another target, or of another key, is another proof', async () => {
  const { dpop } = setUp();
  const elsewhere = { ...good(), htu: `${origin}/other` };
  for (const [proof, path] of [
    [await ec.prove(good()), '/notes'],
    [await ec.prove(elsewhere), '/other'],
    [await other.prove(good()), '/notes'],
  ] as const) {
    const used = await dpop.verify(request(proof, 'GET', path), accessToken);
    expect(await refusalOf(used.consume())).toBe('accepted');
    expect(await refusalOf(used.consume())).toBe('replayed');
  }
});

test('DP-10: a store that fails is neither a pass nor a replay', async () => {
  const store = createMemoryStore();
  const broken = {
    singleUse: { ...store.singleUse, put: () => Promise.reject(new Error('ECONNREFUSED')) },
  };
  const { dpop } = setUp({ store: broken as unknown as DpopOptions['store'] });
  const proof = await dpop.verify(request(await ec.prove(good())), accessToken);
  await expect(proof.consume()).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' });
});

test('DP-10: what is stored tells nothing of the proof, and one call does it', async () => {
  const calls: unknown[][] = [];
  const singleUse = {
    put: async (...args: unknown[]) => {
      calls.push(args);
      return true;
    },
  };
  const { dpop } = setUp({ store: { singleUse } as unknown as DpopOptions['store'] });
  await (await dpop.verify(request(await ec.prove(good())), accessToken)).consume();
  expect(calls).toStrictEqual([[expect.stringMatching(/^[\w-]{43}$/), '', 75_000]]);
});

describe('DP-11: nonces', () => {
  const nonce = { secrets: [secret] };
  const nonceOf = async (dpop: Dpop, claims = good()): Promise<string> => {
    try {
      await dpop.verify(request(await ec.prove(claims)), accessToken);
    } catch (error) {
      if (error instanceof Error && isDpopError(error)) return error.nonce ?? error.refusal;
    }
    return 'accepted';
  };

  test('are asked for, accepted, and outlive one slot but not two', async () => {
    const { dpop, wait } = setUp({ nonce });
    const first = await nonceOf(dpop);
    expect(first).toMatch(/^[\w-]{24}$/);
    expect(await nonceOf(dpop, { ...good(), nonce: first })).toBe('accepted');
    wait(60_000);
    const second = await nonceOf(dpop);
    expect(second).not.toBe(first);
    expect(await nonceOf(dpop, { ...good(), nonce: first })).toBe('accepted');
    wait(60_000);
    const third = await nonceOf(dpop, { ...good(), nonce: first });
    expect(third).toMatch(/^[\w-]{24}$/);
    expect([first, second]).not.toContain(third);
    for (const odd of [1, null, [third], { toString: third }, '', `${third}A`]) {
      expect(await nonceOf(dpop, { ...good(), nonce: odd })).toBe(third);
    }
  });

  test('tell the time in the client’s place, whose clock may be anything', async () => {
    const { dpop, wait } = setUp({ nonce });
    const current = await nonceOf(dpop);
    const proof = await ec.prove({ ...good(), nonce: current, iat: 5 });
    await (await dpop.verify(request(proof), accessToken)).consume();
    // Accepted to the end of the next slot, so it is known as used until then.
    const rest = 120_000 - (start % 60_000) - 1;
    wait(rest);
    const again = await dpop.verify(request(proof), accessToken);
    expect(await refusalOf(again.consume())).toBe('replayed');
  });

  test('are those of all nodes, through a roll-over of the secret too', async () => {
    const newer = 'another root secret of enough random bytes: 9876543210';
    const before = setUp({ nonce }).dpop;
    const after = setUp({ nonce: { secrets: [newer, secret] } }).dpop;
    const given = await nonceOf(before);
    expect(await nonceOf(setUp({ nonce }).dpop)).toBe(given);
    expect(await nonceOf(after, { ...good(), nonce: given })).toBe('accepted');
    expect(await nonceOf(after)).not.toBe(given);
    const compromised = { secrets: [newer, { secret, status: 'compromised' as const }] };
    const wary = setUp({ nonce: compromised }).dpop;
    expect(await nonceOf(wary, { ...good(), nonce: given })).toBe(await nonceOf(after));
  });

  test('without the option a nonce is nobody’s business', async () => {
    expect(await nonceOf(setUp().dpop, { ...good(), nonce: 'whatever' })).toBe('accepted');
  });
});

test('DP-06: a prefix that a proxy strips belongs to the target', async () => {
  const { dpop } = setUp({ pathPrefix: '/api/v1' });
  const inside = await ec.prove(good());
  const outside = await ec.prove({ ...good(), htu: `${origin}/api/v1/notes` });
  expect(await refusalOf(dpop.verify(request(inside), accessToken))).toBe('htu');
  expect((await dpop.verify(request(outside), accessToken)).jkt).toBe(ec.jkt);
});

test('a request without a path of its own proves nothing', async () => {
  const { dpop } = setUp();
  for (const path of ['', '*', 'notes', '@evil.example/', '.evil.example/']) {
    const proof = await ec.prove({ ...good(), htu: origin + path });
    expect(await refusalOf(dpop.verify(request(proof, 'GET', path), accessToken))).toBe('htu');
  }
});

test('only who has a key gets a place in memory, and any number of keys is bounded', async () => {
  const { dpop } = setUp();
  const forged = await ec.prove(good(), { jwk: other.jwk });
  expect(await refusalOf(dpop.verify(request(forged), accessToken))).toBe('signature');
  for (let i = 0; i < 1_100; i++) {
    const proof = await ec.prove(good(), { n: i });
    expect((await dpop.verify(request(proof), accessToken)).jkt).toBe(ec.jkt);
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
])('what cannot be is a configuration error: %s', (option, options) => {
  expect(() => setUp(options)).toThrow(
    expect.objectContaining({ code: 'ERR_CONFIGURATION', option }),
  );
});

describe('E20: whatever is sent', () => {
  test('nothing but a refusal comes of garbage', async () => {
    const { dpop } = setUp();
    const segment = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc
        .record({
          typ: fc.constant('dpop+jwt'),
          alg: fc.constantFrom('ES256', 'PS256', 'EdDSA'),
          jwk: fc.anything(),
        })
        .map(encoded),
    );
    const header = fc.oneof(
      fc.string(),
      fc.array(fc.string()),
      fc.tuple(segment, segment, segment).map((parts) => parts.join('.')),
    );
    await fc.assert(
      fc.asyncProperty(header, async (proof) => {
        expect(await refusalOf(dpop.verify(request(proof), accessToken))).not.toBe('accepted');
      }),
      { numRuns: 1_000 },
    );
  });

  test('a proof in which any letter was changed is refused', async () => {
    const { dpop } = setUp();
    const proof = await ec.prove(good());
    await dpop.verify(request(proof), accessToken);
    const letters = fc.constantFrom(...Array.from('ABCXYZabcxyz0189-_.'));
    await fc.assert(
      fc.asyncProperty(fc.nat(proof.length - 2), letters, async (at, letter) => {
        fc.pre(proof[at] !== letter);
        const changed = proof.slice(0, at) + letter + proof.slice(at + 1);
        expect(await refusalOf(dpop.verify(request(changed), accessToken))).not.toBe('accepted');
      }),
      { numRuns: 500 },
    );
  });

  test('claims of any kind are refused or hold', async () => {
    const { dpop } = setUp();
    const claims = fc.record(
      {
        jti: fc.anything(),
        htm: fc.anything(),
        htu: fc.anything(),
        iat: fc.anything(),
        ath: fc.anything(),
        nonce: fc.anything(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(claims, async (odd) => {
        const payload = { ...good(), ...odd };
        let proof: string;
        try {
          proof = await ec.prove(payload);
        } catch {
          return;
        }
        const refusal = await refusalOf(dpop.verify(request(proof), accessToken));
        const honest = JSON.parse(JSON.stringify(payload)) as Record<string, unknown>;
        const isGood = ['htm', 'htu', 'iat', 'ath'].every((name) => honest[name] === good()[name]);
        expect(refusal === 'accepted').toBe(
          isGood && typeof honest['jti'] === 'string' && honest['jti'] !== '',
        );
      }),
      { numRuns: 200 },
    );
  });
});
