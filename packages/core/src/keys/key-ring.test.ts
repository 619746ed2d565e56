import { hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { defaultCrypto } from '#crypto';
import { bytesOf, keyRing, rootSecret } from '../../test/roots.ts';
import { ConfigurationError } from '../errors.ts';
import { createKeyRing, generateSecret, type KeyUse, type RootSecret } from './key-ring.ts';

const make = (secrets: unknown): unknown =>
  createKeyRing(secrets as readonly RootSecret[], { crypto: defaultCrypto });

/** Whether a list is refused, by the name of its option. */
const isRefused = (secrets: unknown): boolean => {
  try {
    make(secrets);
    return false;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.option === 'secrets';
  }
};

const statuses = { compromised: 'compromised', published: 'published' } as const;

describe('a key ring', () => {
  it('issues with the newest active root, and knows them all', () => {
    const [a, b, c] = ['a', 'b', 'c'].map(rootSecret) as [string, string, string];
    const ring = keyRing({ secret: a, status: 'published' }, b, c);
    const kidOf = (secret: string): number => keyRing(secret).active.kid;
    expect(ring.active.kid).toBe(kidOf(b));
    expect(ring.all.map(({ kid }) => kid)).toStrictEqual([a, b, c].map(kidOf));
    expect(ring.all.map(({ status }) => status)).toStrictEqual(['published', 'active', 'active']);
    for (const secret of [a, b, c]) expect(ring.find(kidOf(secret))?.kid).toBe(kidOf(secret));
    expect(ring.find((kidOf(a) + 1) & 0xffff)).toBeUndefined();
  });

  it('moves from publish over activate to retire, and kids survive any order', () => {
    const [older, newer] = [rootSecret('older'), rootSecret('newer')];
    const stages: RootSecret[][] = [
      [older],
      [{ secret: newer, status: 'published' }, older],
      [newer, older],
      [older, newer],
      [newer],
    ];
    const issuing = stages.map((stage) => keyRing(...stage).active.kid);
    const [o, n] = [keyRing(older).active.kid, keyRing(newer).active.kid];
    expect(issuing).toStrictEqual([o, o, n, o, n]);
    expect(keyRing(newer).find(o)).toBeUndefined();
  });

  it('never issues with a compromised root', () => {
    const [bad, good] = [rootSecret('bad'), rootSecret('good')];
    const ring = keyRing({ secret: bad, status: statuses.compromised }, good);
    expect(ring.active.kid).toBe(keyRing(good).active.kid);
    expect(ring.find(keyRing(bad).active.kid)?.status).toBe('compromised');
  });

  it('takes text by its UTF-8 form, and bytes as they are', () => {
    const text = rootSecret('text');
    const bytes = new TextEncoder().encode(text);
    expect(keyRing(bytes).active.kid).toBe(keyRing(text).active.kid);
    expect(keyRing({ secret: bytes }).active.kid).toBe(keyRing(text).active.kid);
    const given = bytes.slice();
    const ring = keyRing(given);
    given.fill(0);
    expect(Buffer.from(ring.active.hmac('tag', bytes))).toStrictEqual(
      Buffer.from(keyRing(text).active.hmac('tag', bytes)),
    );
  });

  it('CR-02: has a key of its own for each use, and none of them is the secret', () => {
    const secret = bytesOf('uses', 32);
    const uses: KeyUse[] = ['tag', 'rotate', 'access', 'seal', 'cookie', 'log', 'nonce'];
    const { active } = keyRing(secret);
    const keys = [...uses, 'kid', 'access jwt'].map((use) =>
      Buffer.from(active.derive(use)).toString('hex'),
    );
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys).not.toContain(Buffer.from(secret).toString('hex'));
    for (const use of uses) {
      const key = hkdfSync('sha256', secret, 'pawl root v1', `pawl ${use} v1`, 32);
      expect(Buffer.from(active.hmac(use, secret))).toStrictEqual(
        Buffer.from(defaultCrypto.hmacSha256(new Uint8Array(key), secret)),
      );
    }
  });

  it('refuses a list without an active root', () => {
    expect(isRefused([])).toBe(true);
    expect(isRefused([{ secret: rootSecret('a'), status: statuses.published }])).toBe(true);
    expect(isRefused([{ secret: rootSecret('a'), status: statuses.compromised }])).toBe(true);
  });

  it('refuses anything but a list', () => {
    for (const odd of [rootSecret('text'), 5, {}, bytesOf('bytes', 32), true])
      expect(isRefused(odd)).toBe(true);
  });

  it('refuses a secret twice, in whatever form', () => {
    const secret = rootSecret('twice');
    expect(isRefused([secret, secret])).toBe(true);
    expect(
      isRefused([
        secret,
        { secret: new TextEncoder().encode(secret), status: statuses.compromised },
      ]),
    ).toBe(true);
  });

  it('refuses two secrets that share a kid', () => {
    const seen = new Map<number, Uint8Array>();
    let pair: Uint8Array[] = [];
    for (let i = 0; pair.length === 0; i++) {
      const secret = bytesOf(`birthday ${i}`, 32);
      const { kid } = keyRing(secret).active;
      const before = seen.get(kid);
      if (before) pair = [before, secret];
      seen.set(kid, secret);
    }
    expect(isRefused(pair)).toBe(true);
  });

  it('refuses a short or patterned secret', () => {
    expect(isRefused([''])).toBe(true);
    expect(isRefused([rootSecret('a').slice(0, 31)])).toBe(true);
    expect(isRefused([bytesOf('a', 31)])).toBe(true);
    expect(isRefused(['a'.repeat(64)])).toBe(true);
    expect(isRefused(['abcdefg'.repeat(10)])).toBe(true);
    expect(isRefused([new Uint8Array(64)])).toBe(true);
    expect(keyRing(bytesOf('a', 32)).all).toHaveLength(1);
    expect(keyRing('ü'.repeat(9) + 'abcdefghijklmn').all).toHaveLength(1);
  });

  it('refuses an invalid secret, and an unknown status', () => {
    for (const odd of [null, undefined, 5, {}, { secret: 5 }, { secret: null }, [], ['a']]) {
      expect(isRefused([odd])).toBe(true);
    }
    for (const status of ['retired', 'Compromised', 'compromized', '', null, 0, {}]) {
      expect(isRefused([{ secret: rootSecret('a'), status }, rootSecret('b')])).toBe(true);
    }
  });

  it('says that a secret is missing, and where to get one; knows the one of old documentation', () => {
    for (const missing of [undefined, null, '', { secret: undefined }]) {
      expect(() => createKeyRing([rootSecret('a'), missing as string])).toThrow(
        /^secrets: secrets\[1\] is missing: set the environment variable .* generateSecret\(\)/,
      );
    }
    const published = 'a root secret of at least 32 random bytes';
    expect(() => createKeyRing([published])).toThrow('secrets: one is an example or a placeholder');
  });

  it('generates secrets that it takes: 264 bits, printable', () => {
    const secrets = Array.from({ length: 50 }, () => generateSecret());
    expect(new Set(secrets).size).toBe(50);
    for (const secret of secrets) {
      expect(secret).toMatch(/^[\w-]{44}$/);
      expect(make([secret])).toBeDefined();
    }
  });
});
