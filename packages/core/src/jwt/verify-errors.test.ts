import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { defaultCrypto } from '#crypto';
import { ed, expired, header, jwtWith, now, payload, refusalOf, signed } from '../../test/jwts.ts';

afterEach(() => {
  vi.restoreAllMocks();
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
