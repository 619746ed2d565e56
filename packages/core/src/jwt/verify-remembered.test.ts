import { afterEach, describe, expect, test, vi } from 'vitest';
import { defaultCrypto } from '#crypto';
import {
  b64,
  ed,
  expired,
  header,
  hs,
  jwtWith,
  now,
  payload,
  refusalOf,
  remember,
  signed,
  text,
} from '../../test/jwts.ts';

afterEach(() => {
  vi.restoreAllMocks();
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
