import { expect, test } from 'vitest';
import { defaultCrypto } from '#crypto';
import { rootSecret } from '../../test/roots.ts';
import type { CryptoProvider } from '../crypto/provider.ts';
import { createKeyRing } from '../keys/key-ring.ts';
import { encodeToken } from '../token/encode.ts';
import type { AccessTokenCodec, AccessTokenContent } from './format.ts';
import { opaqueAccessTokens } from './opaque.ts';

const expiresAt = 1_700_000_600;

/** A codec whose HMACs are counted, on a clock of its own. */
const setUp = async () => {
  const counted = { hmacs: 0, now: 1_700_000_000_000 };
  const crypto: CryptoProvider = {
    ...defaultCrypto,
    hmacSha256: (key, message) => {
      counted.hmacs += 1;
      return defaultCrypto.hmacSha256(key, message);
    },
  };
  const keys = createKeyRing([rootSecret('one')], { crypto });
  const clock = (): number => counted.now;
  const codec: AccessTokenCodec = opaqueAccessTokens()({ keys, crypto, clock });
  const issue = (last: number): string | Promise<string> => {
    const secret = new Uint8Array(new Uint32Array(8).fill(last).buffer);
    const id = new Uint8Array(18);
    const token = { type: 'refresh', id, generation: 3, expiry: expiresAt, secret } as const;
    const refreshToken = encodeToken(token, keys.active);
    const session = { sessionId: 'A'.repeat(24), generation: 3, refreshToken };
    const rest = { userId: 'ann', issuedAt: 0, jti: 'x', claims: '{}', authTime: 0 };
    return codec.issue({ ...rest, expiresAt, session });
  };
  const cost = async (token: string): Promise<number> => {
    const before = counted.hmacs;
    await codec.read(token);
    return counted.hmacs - before;
  };
  return { codec, counted, cost, issue, first: await issue(-1), second: await issue(-2) };
};

test('a token that was checked is known again, with all it says', async () => {
  const { codec, cost, first, second } = await setUp();
  const read: AccessTokenContent = await codec.read(first);
  expect(read).toMatchObject({ generation: 3, expiresAt: expiresAt * 1_000, userId: null });
  expect(await cost(first)).toBe(0);
  expect(await codec.read(first)).toEqual(read);
  expect(await cost(second)).toBeGreaterThan(0);
  expect((await codec.read(second)).hash).not.toEqual(read.hash);
});

test('what is remembered expires at its time', async () => {
  const { codec, counted, first } = await setUp();
  await codec.read(first);
  counted.now = expiresAt * 1_000 - 1;
  expect(codec.read(first)).toBeDefined();
  counted.now += 1;
  expect(() => codec.read(first)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_EXPIRED' }));
});

test('nothing that was refused is remembered, nor another spelling let through', async () => {
  const { codec, cost, first } = await setUp();
  await codec.read(first);
  const forged = `${first.slice(0, -1)}${first.endsWith('A') ? 'B' : 'A'}`;
  for (const token of [forged, forged, `${first} `, first.slice(0, -1), '']) {
    expect(() => codec.read(token)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_INVALID' }));
  }
  expect(await cost(first)).toBe(0);
});

test('an expired token takes no place in the cache', async () => {
  const { codec, counted, first } = await setUp();
  counted.now = expiresAt * 1_000;
  for (let attempt = 0; attempt < 2; attempt++) {
    const before = counted.hmacs;
    expect(() => codec.read(first)).toThrow(expect.objectContaining({ code: 'ERR_TOKEN_EXPIRED' }));
    expect(counted.hmacs).toBeGreaterThan(before);
  }
});

test('they are forgotten when ten thousand others came', async () => {
  const { codec, cost, first, issue } = await setUp();
  await codec.read(first);
  for (let i = 0; i < 10_000; i++) await codec.read(await issue(i));
  expect(await cost(first)).toBeGreaterThan(0);
});
