import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { CompactSign, EncryptJWT, exportSPKI } from 'jose';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { defaultCrypto } from '#crypto';
import { createJwt, type Jwt, type JwtOptions } from './jwt.ts';
import {
  type AsymmetricSigningKey,
  exportSigningKey,
  generateSigningKey,
  type SigningKey,
} from './signing-key.ts';

const secret = new Uint8Array(32).map((_, i) => i * 7 + 1);
const hs: SigningKey = { kid: 'h', alg: 'HS256', secret };
const pair = async (alg: 'EdDSA' | 'ES256' | 'RS256', kid: string): Promise<AsymmetricSigningKey> =>
  (await generateSigningKey(alg, { kid })) as AsymmetricSigningKey;
const ed = await pair('EdDSA', 'ed');
const ec = await pair('ES256', 'ec');
const rsa = await pair('RS256', 'rsa');

/** The time in these tests, in seconds. */
const now = 1_000_000;
const payload = {
  iss: 'https://i.example',
  aud: 'api',
  sub: 'user',
  client_id: 'web',
  iat: now,
  exp: now + 600,
  jti: 'j',
};
const header = { alg: 'HS256', typ: 'at+jwt', kid: 'h' };

const jwtWith = (options: Partial<JwtOptions> = {}): Jwt =>
  createJwt({
    issuer: 'https://i.example',
    audience: 'api',
    clientId: 'web',
    keys: [hs],
    clock: () => now * 1000,
    ...options,
  });

const b64 = (data: string | Uint8Array): string => Buffer.from(data).toString('base64url');
const text = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

/** Signs anything at all with our secret: what only the holder of the key could make. */
const signed = (
  anyHeader: unknown,
  anyPayload: unknown = payload,
  key: Uint8Array = secret,
  hash = 'sha256',
): string => {
  const input = `${b64(text(anyHeader))}.${anyPayload instanceof Uint8Array ? b64(anyPayload) : b64(text(anyPayload))}`;
  return `${input}.${createHmac(hash, key).update(input).digest('base64url')}`;
};

/** Why a token is refused, or undefined. */
const refusalOf = async (token: unknown, jwt: Jwt = jwtWith()): Promise<string | undefined> => {
  try {
    await jwt.verify(token as string);
    return undefined;
  } catch (error) {
    const { code, refusal } = error as { code: string; refusal?: string };
    return code === 'ERR_TOKEN_INVALID' ? refusal : code;
  }
};

const expired = 'ERR_TOKEN_EXPIRED';

/** Verifies a token as often as it takes until it is remembered. */
const remember = async (token: string, jwt: Jwt): Promise<void> => {
  await jwt.verify(token);
  await jwt.verify(token);
  expect(jwt.verify(token)).not.toBeInstanceOf(Promise);
};

afterEach(() => {
  vi.restoreAllMocks();
});

test('a token that is right in everything is accepted', async () => {
  expect(await refusalOf(signed(header))).toBeUndefined();
});

describe('JW-01: the key decides the algorithm, the header can only agree', () => {
  test.each(['HS384', 'HS512'])('%s with the very same secret', async (alg) => {
    const token = signed({ ...header, alg }, payload, secret, `sha${alg.slice(2)}`);
    expect(await refusalOf(token)).toBe('forged');
  });

  test.each([ed, ec, rsa])('a public $alg key as HMAC secret', async (key) => {
    const jwt = jwtWith({ keys: [key] });
    const pem = await exportSPKI(key.publicKey);
    const der = Buffer.from(pem.split('\n').slice(1, -1).join(''), 'base64');
    const jwk = JSON.stringify((await jwt.jwks()).keys[0]);
    const asSecrets = [pem, `${pem}\n`, pem.trimEnd(), der, jwk].map((value) => Buffer.from(value));
    for (const asSecret of asSecrets) {
      const token = signed({ ...header, kid: key.kid }, payload, asSecret);
      expect(await refusalOf(token, jwt)).toBe('forged');
    }
  });

  test('every key under the name and the algorithm of every other', async () => {
    const jwt = jwtWith({ keys: [ed, ec, rsa] });
    for (const key of [ed, ec, rsa]) {
      const own = await jwtWith({ keys: [key] }).sign(payload);
      expect(await refusalOf(own, jwt)).toBeUndefined();
      const [, middle, signature] = own.split('.');
      for (const kid of ['ed', 'ec', 'rsa']) {
        for (const alg of ['EdDSA', 'ES256', 'RS256', 'PS256', 'ES384', 'Ed25519', 'HS256']) {
          if (kid === key.kid && alg === key.alg) continue;
          const head = b64(JSON.stringify({ alg, typ: 'at+jwt', kid }));
          expect(await refusalOf(`${head}.${middle}.${signature}`, jwt)).toBe('forged');
        }
      }
    }
  });

  test('a well signed token whose header names another algorithm of the same kind of key', async () => {
    const sign = (alg: string): Promise<string> =>
      new CompactSign(Buffer.from(JSON.stringify(payload)))
        .setProtectedHeader({ alg, typ: 'at+jwt', kid: 'ed' })
        .sign(ed.privateKey as NonNullable<typeof ed.privateKey>);
    expect(await refusalOf(await sign('EdDSA'), jwtWith({ keys: [ed] }))).toBeUndefined();
    expect(await refusalOf(await sign('Ed25519'), jwtWith({ keys: [ed] }))).toBe('forged');
  });

  test('an algorithm that is missing or no text', async () => {
    for (const alg of [undefined, null, '', 1, ['HS256'], { HS256: 1 }]) {
      expect(await refusalOf(signed({ ...header, alg }))).toMatch(/malformed|forged/);
    }
  });
});

describe('JW-02: none', () => {
  const spellings = Array.from({ length: 16 }, (_, bits) =>
    [...['n', 'o', 'n', 'e'].entries()]
      .map(([i, c]) => (bits & (1 << i) ? c.toUpperCase() : c))
      .join(''),
  );
  const others = ['none ', ' none', 'none\n', 'non\u0065', 'none\0', 'ｎｏｎｅ'];

  test.each([...spellings, ...others])('%j', async (alg) => {
    const middle = `${b64(JSON.stringify({ ...header, alg }))}.${b64(JSON.stringify(payload))}`;
    expect(await refusalOf(`${middle}.`)).toBe('malformed');
    expect(await refusalOf(`${middle}.AAAA`)).toBe('forged');
    expect(await refusalOf(signed({ ...header, alg }))).toBe('forged');
    const public_ = jwtWith({ keys: [ed] });
    expect(await refusalOf(signed({ ...header, alg, kid: 'ed' }), public_)).toBe('forged');
  });
});

describe('JW-03: a key in the header, or an address of one, is not even read', () => {
  const attacker = new Uint8Array(32).fill(66);
  const offers = {
    jwk: { kty: 'oct', k: b64(attacker) },
    jku: 'https://attacker.example/jwks.json',
    x5u: 'https://attacker.example/cert.pem',
    x5c: ['AAAA'],
    x5t: 'AAAA',
  };

  test.each(Object.entries(offers))('%s', async (name, offer) => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    const token = signed({ ...header, [name]: offer }, payload, attacker);
    expect(await refusalOf(token)).toBe('forged');
    expect(
      await refusalOf(signed({ alg: 'HS256', typ: 'at+jwt', [name]: offer }, payload, attacker)),
    ).toBe('kid_unknown');
    expect(await refusalOf(signed({ ...header, [name]: offer }))).toBeUndefined();
    expect(fetched).not.toHaveBeenCalled();
  });

  test('nor with a public key of the right kind', async () => {
    const other = await pair('EdDSA', 'ed');
    const { d: _, ...jwk } = await exportSigningKey(other);
    const token = await new CompactSign(Buffer.from(JSON.stringify(payload)))
      .setProtectedHeader({
        alg: 'EdDSA',
        typ: 'at+jwt',
        kid: 'ed',
        jwk: jwk as Record<string, string>,
      })
      .sign(other.privateKey as NonNullable<typeof other.privateKey>);
    expect(await refusalOf(token, jwtWith({ keys: [ed] }))).toBe('forged');
  });
});

describe('JW-04: extensions', () => {
  test.each([
    { crit: ['exp'], exp: 1 },
    { crit: ['b64'], b64: true },
    { crit: ['b64'], b64: false },
    { crit: ['kid'] },
    { crit: [] },
    { crit: 'b64' },
    { crit: null },
    { b64: false },
    { b64: true },
  ])('%j', async (extension) => {
    expect(await refusalOf(signed({ ...header, ...extension }))).toBe('malformed');
  });

  test('an unencoded payload', async () => {
    const head = b64(JSON.stringify({ ...header, b64: false, crit: ['b64'] }));
    const input = `${head}.abcd`;
    const signature = createHmac('sha256', secret).update(input).digest('base64url');
    expect(await refusalOf(`${input}.${signature}`)).toBe('malformed');
  });
});

describe('JW-05: each kind of token for its own use', () => {
  const types = ['at+jwt', 'rt+jwt', 'logout+jwt', 'dpop+jwt', 'dbsc+jwt', 'csrf+jwt', 'jwt'];

  test('no kind passes for another', async () => {
    for (const made of types) {
      const token = await jwtWith({ typ: made }).sign(payload);
      for (const asked of types) {
        const refusal = await refusalOf(token, jwtWith({ typ: asked }));
        expect([made, asked, refusal]).toEqual([
          made,
          asked,
          made === asked ? undefined : 'wrong_type',
        ]);
      }
    }
  });

  test('the type has to be there, as text, in its one spelling or as the full media type', async () => {
    const wrong = [
      undefined,
      null,
      '',
      1,
      ['at+jwt'],
      'JWT',
      'AT+JWT',
      'at+jwt ',
      'application/jwt',
      'application/at+jwt; a=b',
      'x/at+jwt',
    ];
    for (const typ of wrong) expect(await refusalOf(signed({ ...header, typ }))).toBe('wrong_type');
    expect(await refusalOf(signed({ ...header, typ: 'application/at+jwt' }))).toBeUndefined();
  });
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

  test('a payload that is no JSON object', async () => {
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

describe('JW-09: an altered token', () => {
  const jwts: [string, Jwt][] = [
    ['HS256', jwtWith()],
    ['EdDSA', jwtWith({ keys: [ed] })],
    ['ES256', jwtWith({ keys: [ec] })],
    ['RS256', jwtWith({ keys: [rsa] })],
  ];

  test.each(jwts)('%s: no bit of it can be flipped', async (_, jwt) => {
    const token = await jwt.sign(payload);
    await remember(token, jwt);
    const bytes = Buffer.from(token, 'latin1');
    const accepted: string[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      if ((await refusalOf(flipped.toString('latin1'), jwt)) === undefined)
        accepted.push(`bit ${bit}`);
    }
    expect(accepted).toEqual([]);
  });

  test.each(jwts)('%s: nothing can be cut off, added or moved', async (_, jwt) => {
    const token = await jwt.sign(payload);
    await remember(token, jwt);
    for (let length = 0; length < token.length; length++) {
      expect(await refusalOf(token.slice(0, length), jwt)).toBeDefined();
      expect(await refusalOf(token.slice(length + 1), jwt)).toBeDefined();
    }
    const changes = [
      `${token}=`,
      `${token}A`,
      ` ${token}`,
      `${token}\n`,
      `${token}.`,
      `${token}.AAAA`,
      `.${token}`,
      token.toUpperCase(),
    ];
    for (const changed of changes) expect(await refusalOf(changed, jwt)).toBeDefined();
    const letter = fc.constantFrom('A', '-', '.', '=', ' ', '\n', '\0', 'é', '\ud800');
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length), letter, async (index, inserted) => {
        const changed = token.slice(0, index) + inserted + token.slice(index);
        expect(await refusalOf(changed, jwt)).toBeDefined();
      }),
    );
  });

  test('spare bits at the end of a well signed segment', async () => {
    const [head, ,] = signed(header).split('.') as [string, string, string];
    const odd = b64(text({ ...payload, pad: '' })).length % 4;
    const filled = text({ ...payload, pad: 'x'.repeat(odd === 0 ? 1 : 0) });
    const middle = b64(filled);
    const next = { A: 'B', Q: 'R', g: 'h', w: 'x' } as Record<string, string>;
    const last = middle.at(-1) as string;
    const respelt =
      middle.slice(0, -1) + (next[last] ?? String.fromCharCode(last.charCodeAt(0) + 1));
    expect(Buffer.from(respelt, 'base64url').toString()).toBe(filled);
    const sign = (input: string): string =>
      `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    expect(await refusalOf(sign(`${head}.${middle}`))).toBeUndefined();
    expect(await refusalOf(sign(`${head}.${respelt}`))).toBe('malformed');
    expect(await refusalOf(sign(`${head}.${middle} `))).toBe('malformed');
  });

  test('a well signed segment in another spelling, whatever is known of its header', async () => {
    const sign = (input: string): string =>
      `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
    // `ours` is known from the beginning, `theirs` from the moment it was verified.
    const [ours, theirs] = [header, { ...header, x: 1 }].map((each) => b64(text(each)));
    for (const head of [ours, theirs]) {
      const jwt = jwtWith();
      for (const round of ['not known yet', 'known']) {
        for (const pad of ['', 'x', 'xx']) {
          // Question marks and tildes give the two letters in which alphabets differ.
          const raw = text({ ...payload, pad: `${pad}???>>>~~~` });
          const middle = b64(raw);
          const standard = Buffer.from(raw).toString('base64');
          const spellings = [
            standard,
            standard.replaceAll('=', ''),
            `${middle}=`,
            `${middle}==`,
            `${middle}===`,
            middle.padEnd(Math.ceil(middle.length / 4) * 4, '='),
            ...[' ', '\n', '\t', '\f', '\r', '\0', 'é'].flatMap((odd) =>
              [1, 2, 3, 4].flatMap((times) => [
                odd.repeat(times) + middle,
                middle.slice(0, 40) + odd.repeat(times) + middle.slice(40),
                middle + odd.repeat(times),
              ]),
            ),
          ].filter((spelling) => spelling !== middle);
          for (const spelling of spellings) {
            const refusal = await refusalOf(sign(`${head}.${spelling}`), jwt);
            expect([round, spelling, refusal]).toEqual([
              round,
              spelling,
              expect.stringMatching(/malformed|forged/),
            ]);
          }
          expect(await refusalOf(sign(`${head}.${middle}`), jwt)).toBeUndefined();
        }
      }
      expect(await refusalOf(sign(`${head}.`), jwt)).toBe('malformed');
      expect(await refusalOf(sign(`${head}`), jwt)).toBe('malformed');
      expect(await refusalOf(`${head}A`, jwt)).toBe('malformed');
    }
  });

  test('another spelling of a signature, or a fourth segment, behind a known header', async () => {
    const token = signed(header);
    const end = token.lastIndexOf('.') + 1;
    const signature = token.slice(end);
    const standard = Buffer.from(signature, 'base64url').toString('base64');
    const spellings = [
      `${signature}=`,
      `${signature} `,
      ` ${signature}`,
      `${signature}.`,
      `${signature}.AAAA`,
      `.${signature}`,
      standard,
      '',
    ];
    for (const spelling of spellings) {
      expect(await refusalOf(token.slice(0, end) + spelling)).toBe('malformed');
    }
  });

  test('what is too long is refused before it is hashed', async () => {
    const sha256Key = vi.fn<(input: string) => string>(defaultCrypto.sha256Key);
    const jwt = jwtWith({ maxLength: 400, crypto: { ...defaultCrypto, sha256Key } });
    const long = signed(header, { ...payload, pad: 'x'.repeat(300) });
    expect(await refusalOf(long, jwtWith())).toBeUndefined();
    expect(await refusalOf(long, jwt)).toBe('malformed');
    expect(await refusalOf(`${'A'.repeat(8193)}`)).toBe('malformed');
    expect(sha256Key).not.toHaveBeenCalled();
  });

  test('what is no text', async () => {
    for (const token of [
      undefined,
      null,
      1,
      {},
      [],
      Buffer.from(signed(header)),
      [signed(header)],
    ]) {
      expect(await refusalOf(token)).toBe('malformed');
      expect(await refusalOf(token, jwtWith({ cacheSize: 0 }))).toBe('malformed');
    }
  });

  test('arbitrary text gives an error of ours, and no other', async () => {
    const segments = fc.array(fc.oneof(fc.string().map(b64), fc.json().map(b64), fc.string()), {
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(segments, async (parts) => {
        expect(await refusalOf(parts.join('.'))).toMatch(/malformed|wrong_type|kid_unknown|forged/);
      }),
      { numRuns: 500 },
    );
  });

  test('an arbitrary header gives an error of ours, unless it is right', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('HS256', 'at+jwt', 'h'));
    const anyHeader = fc.record(
      { alg: value, typ: value, kid: value, x: value },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(anyHeader, async (head) => {
        const isRight = head.alg === 'HS256' && head.typ === 'at+jwt' && head.kid === 'h';
        expect((await refusalOf(signed(head))) === undefined).toBe(isRight);
      }),
      { numRuns: 500 },
    );
  });
});

describe('JW-10: encryption and compression', () => {
  test('a JWE', async () => {
    const jwe = await new EncryptJWT(payload)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: 'at+jwt', kid: 'h' })
      .encrypt(secret);
    expect(await refusalOf(jwe)).toBe('malformed');
  });

  test.each([{ zip: 'DEF' }, { enc: 'A256GCM' }])('%j in the header', async (extra) => {
    expect(await refusalOf(signed({ ...header, ...extra }))).toBe('malformed');
  });
});

test('JW-11: a kid that is missing, unknown or no text', async () => {
  const wrong = [
    undefined,
    null,
    '',
    'H',
    'h ',
    1,
    ['h'],
    { h: 1 },
    '__proto__',
    'constructor',
    '../h',
    "h' or '1'='1",
    'h'.repeat(5000),
  ];
  for (const kid of wrong) {
    expect(await refusalOf(signed({ ...header, kid }))).toBe('kid_unknown');
  }
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

describe('JW-13: a new key, step by step', () => {
  test('publish, activate, retire, forget: no good token is refused on the way', async () => {
    const next = await pair('ES256', 'next');
    const before = jwtWith({ keys: [ed] });
    const published = jwtWith({ keys: [{ ...next, status: 'published' }, ed] });
    const active = jwtWith({ keys: [next, ed] });
    const retired = jwtWith({ keys: [next, { ...ed, status: 'retired' }] });
    const forgotten = jwtWith({ keys: [next] });
    const steps = [before, published, active, retired, forgotten];
    const tokens = await Promise.all(steps.map((step) => step.sign(payload)));
    const accepted = await Promise.all(
      steps.map(async (step) =>
        (await Promise.all(tokens.map((t) => refusalOf(t, step)))).map((r) => r === undefined),
      ),
    );
    expect(accepted).toEqual([
      [true, true, false, false, false],
      [true, true, true, true, true],
      [true, true, true, true, true],
      [true, true, true, true, true],
      [false, false, true, true, true],
    ]);
    expect(await refusalOf(tokens[0], forgotten)).toBe('kid_unknown');
  });

  test('a kid that comes back with another key verifies nothing of the old one', async () => {
    const token = await jwtWith({ keys: [ed] }).sign(payload);
    expect(await refusalOf(token, jwtWith({ keys: [await pair('EdDSA', 'ed')] }))).toBe('forged');
  });
});

describe('verified before', () => {
  const counting = () => {
    const ofKeys = vi.spyOn(crypto.subtle, 'verify');
    const ofSecrets = vi.spyOn(defaultCrypto, 'hmacSha256');
    return () => ofKeys.mock.calls.length + ofSecrets.mock.calls.length;
  };

  const hashing = () => {
    const sha256Key = vi.fn<(input: string) => string>(defaultCrypto.sha256Key);
    const hmacSha256: typeof defaultCrypto.hmacSha256 = (...args) =>
      defaultCrypto.hmacSha256(...args);
    return { sha256Key, crypto: { ...defaultCrypto, sha256Key, hmacSha256 } };
  };

  test.each([hs, ed])(
    '$alg: remembered at its second sight; from the third on at once, the same object',
    async (key) => {
      const { sha256Key, crypto } = hashing();
      const jwt = jwtWith({ keys: [key], crypto });
      const token = await jwt.sign(payload);
      const checks = counting();
      await jwt.verify(token);
      expect([checks(), sha256Key.mock.calls.length]).toEqual([1, 0]);
      const second = jwt.verify(token);
      expect(second).toBeInstanceOf(Promise);
      const remembered = await second;
      expect([checks(), sha256Key.mock.calls.length]).toEqual([2, 1]);
      for (const sight of [3, 4, 5]) {
        const again = jwt.verify(token);
        expect(again).not.toBeInstanceOf(Promise);
        expect(again).toBe(remembered);
        expect([checks(), sha256Key.mock.calls.length]).toEqual([2, sight - 1]);
      }
    },
  );

  test('any number of tokens that come once are not hashed, and push nothing out', async () => {
    const { sha256Key, crypto } = hashing();
    const jwt = jwtWith({ cacheSize: 200, crypto });
    const token = signed(header);
    await remember(token, jwt);
    sha256Key.mockClear();
    const checks = counting();
    for (let i = 0; i < 500; i++) await jwt.verify(signed(header, { ...payload, jti: `${i}` }));
    // By chance one of them may look like another.
    expect(sha256Key.mock.calls.length).toBeLessThan(5);
    expect(checks()).toBe(500);
    // At worst the token has to be looked at once more: its entry is still there.
    await jwt.verify(token);
    expect(jwt.verify(token)).not.toBeInstanceOf(Promise);
    expect(checks()).toBeLessThanOrEqual(501);
  });

  test('what is refused leaves no trace: a flood of it makes nobody wait', async () => {
    const { sha256Key, crypto } = hashing();
    const jwt = jwtWith({ cacheSize: 4, crypto });
    const token = signed(header);
    await remember(token, jwt);
    sha256Key.mockClear();
    for (let i = 0; i < 200; i++) {
      const forged = signed(header, { ...payload, jti: `${i}` }, new Uint8Array(32));
      expect(await refusalOf(forged, jwt)).toBe('forged');
      expect(await refusalOf(forged, jwt)).toBe('forged');
    }
    expect(sha256Key).not.toHaveBeenCalled();
    expect(jwt.verify(token)).not.toBeInstanceOf(Promise);
  });

  test('the same end of a signature makes nothing pass for a remembered token', async () => {
    const jwt = jwtWith();
    const token = signed(header);
    await remember(token, jwt);
    const checks = counting();
    const [head, middle, signature] = token.split('.') as [string, string, string];
    const admin = b64(text({ ...payload, sub: 'admin' }));
    const noise = b64(Buffer.alloc(32, 9));
    const forgeries = [
      `${head}.${admin}.${signature}`,
      `${head}.${middle}.${noise.slice(0, -10)}${signature.slice(-10)}`,
      `${head}.${admin}.${noise.slice(0, -10)}${signature.slice(-10)}`,
    ];
    for (const forged of forgeries) {
      for (let sight = 0; sight < 3; sight++) expect(await refusalOf(forged, jwt)).toBe('forged');
    }
    expect(checks()).toBe(9);
    expect(jwt.verify(token)).not.toBeInstanceOf(Promise);
  });

  test('it is frozen to the bottom: one request cannot change what the next one reads', async () => {
    const jwt = jwtWith();
    const token = await jwt.sign({
      ...payload,
      act: { sub: 'a' },
      amr: ['pwd'],
      roles: [{ name: 'x' }],
    });
    const isDeepFrozen = (value: unknown): boolean =>
      typeof value !== 'object' ||
      value === null ||
      (Object.isFrozen(value) && Object.values(value).every(isDeepFrozen));
    expect(isDeepFrozen(await jwt.verify(token))).toBe(true);
    await remember(token, jwt);
    expect(isDeepFrozen(jwt.verify(token))).toBe(true);
    expect(isDeepFrozen(await jwt.readIgnoringTime(token))).toBe(true);
  });

  test('the clock is asked each time: not past exp, not before iat or nbf', async () => {
    let time = now + 50;
    const jwt = jwtWith({ clock: () => time * 1000, clockTolerance: 0 });
    const token = signed(header, { ...payload, nbf: now + 10 });
    const late = signed(header, { ...payload, jti: 'k', iat: now + 20 });
    await remember(token, jwt);
    await remember(late, jwt);
    const checks = counting();
    for (const [moment, refusal, lateRefusal] of [
      [now + 599.999, undefined, undefined],
      [now + 600, expired, expired],
      [now + 1e6, expired, expired],
      [now + 15, undefined, 'claims'],
      [now + 9.999, 'claims', 'claims'],
      [Number.NaN, expired, expired],
      [now + 20, undefined, undefined],
    ] as const) {
      time = moment;
      expect([moment, await refusalOf(token, jwt), await refusalOf(late, jwt)]).toEqual([
        moment,
        refusal,
        lateRefusal,
      ]);
    }
    expect(checks()).toBe(0);
  });

  test('a refusal on a hit is a rejection too, not a throw', async () => {
    let time = now;
    const jwt = jwtWith({ clock: () => time * 1000 });
    const token = signed(header);
    await remember(token, jwt);
    const checks = counting();
    time = now + 1000;
    const refused = jwt.verify(token);
    expect(refused).toBeInstanceOf(Promise);
    await expect(refused).rejects.toMatchObject({ code: expired });
    expect(checks()).toBe(0);
  });

  test('what was refused is not remembered', async () => {
    let time = now - 1000;
    const jwt = jwtWith({ clock: () => time * 1000 });
    const token = signed(header);
    const forged = `${token.slice(0, -4)}AAAA`;
    const checks = counting();
    for (let sight = 0; sight < 3; sight++) {
      expect(await refusalOf(token, jwt)).toBe('claims');
      expect(await refusalOf(forged, jwt)).toBe('forged');
    }
    time = now;
    for (let sight = 0; sight < 2; sight++) {
      const verified = jwt.verify(token);
      expect(verified).toBeInstanceOf(Promise);
      await verified;
    }
    expect(checks()).toBe(8);
  });

  test('an altered copy of a remembered token is not taken for it', async () => {
    const jwt = jwtWith();
    const token = signed(header);
    await remember(token, jwt);
    const last = token.at(-1) === 'A' ? 'E' : 'A';
    expect(await refusalOf(token.slice(0, -1) + last, jwt)).toBeDefined();
  });

  test('nothing is shared between verifiers', async () => {
    const token = signed(header);
    const [one, other] = [jwtWith(), jwtWith()];
    await remember(token, one);
    expect(other.verify(token)).toBeInstanceOf(Promise);
    expect(await refusalOf(token, jwtWith({ audience: 'other' }))).toBe('claims');
  });

  test('it can be turned off, and is bounded', async () => {
    const off = jwtWith({ cacheSize: 0 });
    const token = signed(header);
    await off.verify(token);
    await off.verify(token);
    expect(off.verify(token)).toBeInstanceOf(Promise);
    const small = jwtWith({ cacheSize: 4 });
    const tokens = Array.from({ length: 20 }, (_, i) =>
      signed(header, { ...payload, jti: `${i}` }),
    );
    for (const each of tokens) {
      await small.verify(each);
      await small.verify(each);
    }
    const held = tokens.toReversed().filter((each) => !(small.verify(each) instanceof Promise));
    expect(held.length).toBeLessThanOrEqual(4);
    expect(held.length).toBeGreaterThan(0);
  });

  test('its keys are digests, not tokens', async () => {
    const { sha256Key, crypto } = hashing();
    const jwt = jwtWith({ crypto });
    const token = signed(header);
    await jwt.verify(token);
    await jwt.verify(token);
    expect(sha256Key.mock.calls).toEqual([[token]]);
  });

  test('headers in any number of spellings are read right', async () => {
    const jwt = jwtWith({ cacheSize: 0 });
    for (let i = 0; i < 200; i++) {
      expect(await refusalOf(signed({ ...header, x: i % 100 }), jwt)).toBeUndefined();
      expect(await refusalOf(signed({ ...header, x: i, kid: 'other' }), jwt)).toBe('kid_unknown');
    }
  });

  test('headers of other spellings are remembered, up to a number', async () => {
    const jwt = jwtWith({ cacheSize: 0 });
    const spellings = Array.from({ length: 80 }, (_, x) => signed({ ...header, x }));
    for (const token of spellings) await jwt.verify(token);
    const parsed = vi.spyOn(JSON, 'parse');
    const parsesOf = async (token: string): Promise<number> => {
      parsed.mockClear();
      await jwt.verify(token);
      return parsed.mock.calls.length;
    };
    const first = await parsesOf(spellings[0] as string);
    expect(await parsesOf(signed(header))).toBe(first);
    expect(await parsesOf(spellings[79] as string)).toBe(first + 1);
  });

  test('a secret stays the same array, by which a provider remembers its key', async () => {
    const macs = vi.spyOn(defaultCrypto, 'hmacSha256');
    const jwt = jwtWith({ cacheSize: 0 });
    for (let i = 0; i < 3; i++) await jwt.verify(signed(header));
    expect(new Set(macs.mock.calls.map(([key]) => key)).size).toBe(1);
  });

  test('a header that was remembered vouches for no signature', async () => {
    const jwt = jwtWith();
    const token = signed({ ...header, x: 1 });
    await jwt.verify(token);
    expect(await refusalOf(signed({ ...header, x: 1 }, payload, new Uint8Array(32)), jwt)).toBe(
      'forged',
    );
    expect(await refusalOf(signed(header, payload, new Uint8Array(32)), jwt)).toBe('forged');
  });
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

  test('a polluted prototype is no jti', async () => {
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

  test('says so on the console, if nobody else was to be told', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    const jwt = jwtWith({ dangerouslyAllowMissingId: true });
    await jwt.verify(signed(header, legacy));
    await jwt.verify(signed(header, { ...legacy, sub: 'other' }));
    expect(warn.mock.calls).toEqual([[expect.stringContaining('without jti')]]);
    warn.mockRestore();
  });

  test('anything but true is no leave', async () => {
    const jwt = jwtWith({ dangerouslyAllowMissingId: 'false' as unknown as boolean });
    expect(await refusalOf(signed(header, legacy), jwt)).toBe('no_id');
  });
});

describe('readIgnoringTime, for logging out', () => {
  test('takes an expired token, and one of the future', async () => {
    const jwt = jwtWith();
    const old = await jwt.readIgnoringTime(signed(header, { ...payload, iat: 1, exp: 2 }));
    expect(old.payload.sub).toBe('user');
    await expect(
      jwt.readIgnoringTime(signed(header, { ...payload, iat: now + 1e6 })),
    ).resolves.toBeDefined();
  });

  test('what it took is not good for anything else', async () => {
    const jwt = jwtWith();
    const token = signed(header, { ...payload, exp: now - 100 });
    await jwt.readIgnoringTime(token);
    expect(await refusalOf(token, jwt)).toBe(expired);
  });

  test('all else holds', async () => {
    const jwt = jwtWith();
    const cases: [string, string][] = [
      [signed(header, payload, new Uint8Array(32)), 'forged'],
      [signed({ ...header, typ: 'logout+jwt' }), 'wrong_type'],
      [signed({ ...header, kid: 'x' }), 'kid_unknown'],
      [signed({ ...header, alg: 'none' }), 'forged'],
      [signed(header, { ...payload, iss: 'x' }), 'claims'],
      [signed(header, { ...payload, aud: 'x' }), 'claims'],
      [signed(header, { ...payload, exp: undefined }), 'claims'],
      ['a.b', 'malformed'],
    ];
    for (const [token, refusal] of cases) {
      await expect(jwt.readIgnoringTime(token)).rejects.toMatchObject({ refusal });
    }
  });
});

describe('errors', () => {
  test('nothing of a token or a key is in them', async () => {
    const jwt = jwtWith();
    const marked = { ...payload, sub: 'canary-sub', secret: 'canary-claim' };
    const tokens = [
      signed(header, { ...marked, aud: 'x' }),
      signed(header, { ...marked, exp: 1 }),
      signed({ ...header, alg: 'canary-alg' }, marked),
      signed({ ...header, kid: 'canary-kid' }, marked),
      signed({ ...header, typ: 'canary-typ' }, marked),
      signed({ ...header, crit: ['canary-crit'] }, marked),
      signed('{"canary-json', marked),
      signed(header, '{"canary-json'),
      signed(header, marked, new Uint8Array(32)),
      'canary.canary.canary',
      'canary',
    ];
    for (const token of tokens) {
      const error: unknown = await jwt
        .readIgnoringTime(token)
        .then(
          async () => await jwt.verify(token),
          (reason: unknown) => reason,
        )
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toHaveProperty('cause');
      const shown = inspect(error, { depth: 9, showHidden: true }) + String((error as Error).stack);
      expect(shown).not.toMatch(/canary/);
      for (const part of token.split('.').filter((each) => each.length > 8))
        expect(shown).not.toContain(part);
    }
  });

  test('a fault of the platform is not taken for a forgery: HS256', async () => {
    const jwt = jwtWith();
    vi.spyOn(defaultCrypto, 'hmacSha256').mockImplementationOnce(() => {
      throw new Error('no memory today');
    });
    await expect(jwt.verify(signed(header))).rejects.toThrow('no memory today');
    expect(await refusalOf(signed(header), jwt)).toBeUndefined();
  });

  test('nor while a signature is checked: EdDSA', async () => {
    const jwt = jwtWith({ keys: [ed] });
    const token = await jwt.sign(payload);
    vi.spyOn(crypto.subtle, 'verify').mockRejectedValueOnce(new Error('no memory today'));
    await expect(jwt.verify(token)).rejects.toThrow('no memory today');
    vi.spyOn(CryptoKey.prototype, 'usages', 'get').mockReturnValueOnce([]);
    await expect(jwt.verify(token)).rejects.toThrow(TypeError);
    expect(await refusalOf(token, jwt)).toBeUndefined();
  });
});
