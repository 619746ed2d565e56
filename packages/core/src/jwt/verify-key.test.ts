import { CompactSign, exportSPKI } from 'jose';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  b64,
  ec,
  ed,
  header,
  jwtWith,
  pair,
  payload,
  refusalOf,
  rsa,
  secret,
  signed,
} from '../../test/jwts.ts';
import { exportSigningKey } from './signing-key.ts';

afterEach(() => {
  vi.restoreAllMocks();
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
