import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { defaultCrypto } from '#crypto';
import { anyText } from '../../test/any-text.ts';
import { createRefusingStore } from '../../test/refusing-store.ts';
import { bytesOf, rootSecret } from '../../test/roots.ts';
import { jwtAccessTokens } from '../access-token/jwt.ts';
import { opaqueAccessTokens } from '../access-token/opaque.ts';
import { createKeyRing, type RootKey } from '../keys/key-ring.ts';
import { encodeToken, printToken } from '../token/encode.ts';
import { type TokenType, tokenTypes } from '../token/layout.ts';
import { createSessions, type Sessions } from './sessions.ts';

type AnySessions = Sessions<Record<string, unknown>, Record<string, unknown>>;

const now = Date.UTC(2030, 0, 1);
const store = createRefusingStore();
const jwtFormat = jwtAccessTokens({ issuer: 'https://i.example', audience: 'https://a.example' });
const rootOf = (name: string): RootKey =>
  createKeyRing([rootSecret(name)], { crypto: defaultCrypto }).active;
const [own, foreign, compromised] = ['one', 'foreign', 'compromised'].map(rootOf) as [
  RootKey,
  RootKey,
  RootKey,
];

const setUp = (accessToken = opaqueAccessTokens()): AnySessions =>
  createSessions({
    store,
    secrets: [rootSecret('one'), { secret: rootSecret('compromised'), status: 'compromised' }],
    accessToken,
    clock: () => now,
  });
/** Who knows a kid of ours, and not the root. */
const forger: RootKey = { ...foreign, kid: own.kid };
const opaque = setUp();
const jwt = setUp(jwtFormat);

const made = new Map<string, string>();
const token = (type: TokenType, seed: number, root: RootKey, expiry: number): string => {
  const name = [type, seed, root === forger, root.kid, expiry].join(' ');
  const text = made.get(name) ?? makeToken(type, seed, root, expiry);
  made.set(name, text);
  return text;
};
const makeToken = (type: TokenType, seed: number, root: RootKey, expiry: number): string => {
  const prefix = type === 'access' ? 'pawl_at_' : 'pawl_rt_';
  const fields = { id: bytesOf(`i${seed}`, 18), generation: seed, secret: bytesOf(`s${seed}`, 32) };
  return printToken(encodeToken({ type, expiry, ...fields }, root), prefix);
};

const soon = now / 1_000 + 600;
const past = now / 1_000;
const kinds = Object.keys(tokenTypes) as TokenType[];
const seed = fc.nat(9);
const good = fc.tuple(fc.constantFrom(...kinds), seed);

let signed: readonly string[] = [];
const signWith = (name: string): Promise<string> =>
  Promise.resolve(
    jwtFormat({
      keys: createKeyRing([rootSecret(name)], { crypto: defaultCrypto }),
      clock: () => now,
      crypto: defaultCrypto,
    }).issue({
      userId: 'ann',
      issuedAt: past - 600,
      expiresAt: name === 'one' ? past - 300 : soon,
      jti: 'id',
      authTime: past - 600,
      claims: '{}',
      session: { sessionId: 'A'.repeat(24), generation: 0, refreshToken: new Uint8Array(78) },
    }),
  );

/** Strings that are not tokens of this deployment, some of them almost. */
const garbage = (): fc.Arbitrary<unknown> => {
  const body = fc.string({
    unit: fc.constantFrom(...Array.from('ABab019-_')),
    minLength: 104,
    maxLength: 104,
  });
  const prefix = fc.constantFrom('pawl_rt_', 'pawl_at_', '');
  return fc.oneof(
    anyText({ maxLength: 150 }),
    fc.constantFrom(null, undefined, 5, {}, [], true),
    fc.tuple(prefix, body).map((parts) => parts.join('')),
    // One character of a good one is another.
    fc
      .tuple(good, fc.nat(103), fc.constantFrom(...Array.from('AQgw_')))
      .map(([[kind, n], at, by]) => {
        const text = token(kind, n, own, soon);
        const place = 8 + at;
        const other = text[place] === by ? 'z' : by;
        return text.slice(0, place) + other + text.slice(place + 1);
      }),
    fc.tuple(good, fc.nat(111)).map(([[kind, n], at]) => token(kind, n, own, soon).slice(0, at)),
    good.map(([kind, n]) => token(kind, n, foreign, soon)),
    good.map(([kind, n]) => token(kind, n, compromised, soon)),
    good.map(([kind, n]) => token(kind, n, forger, soon)),
    good.map(([kind, n]) => token(kind, n, own, past)),
    seed.map((n) => token('apiKey', n, own, soon)),
    fc.tuple(fc.constantFrom(...signed), fc.nat(300)).map(([text, at]) => text.slice(0, at)),
    fc.constantFrom(...signed),
  );
};

describe('garbage', () => {
  beforeAll(async () => {
    signed = await Promise.all(['one', 'foreign', 'compromised'].map(signWith));
  });

  it('E17: 50,000 tokens of many kinds cause no store call', async () => {
    const codes = new Map<string, number>();
    const wrong: string[] = [];
    const code = async (call: Promise<unknown>): Promise<string> => {
      const answer = await call.then(
        () => 'accepted',
        (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : ''),
      );
      codes.set(answer, (codes.get(answer) ?? 0) + 1);
      return answer;
    };
    for (const [index, given] of fc.sample(garbage(), { numRuns: 50_000, seed: 1 }).entries()) {
      const text = given as string;
      const answers = [await code(opaque.refresh(text)), await code(opaque.verify(text))];
      if (index % 4 === 0) answers.push(await code(jwt.verify(text)));
      for (const answer of answers) {
        if (!/^ERR_TOKEN_(INVALID|EXPIRED)$/.test(answer)) wrong.push(`${answer}: ${text}`);
      }
    }
    expect(wrong).toStrictEqual([]);
    expect(store.calls()).toBe(0);
    expect(codes.get('ERR_TOKEN_EXPIRED')).toBeGreaterThan(1_000);
    expect(codes.get('ERR_TOKEN_INVALID')).toBeGreaterThan(100_000);
  }, 60_000);

  it('E17: nor does a logout with them, unless they were ours', async () => {
    for (const given of fc.sample(garbage(), { numRuns: 5_000, seed: 2 })) {
      const text = given as string;
      const before = store.calls();
      const error: unknown = await opaque.revokeByToken(text).catch((thrown: unknown) => thrown);
      const code = error instanceof Error && 'code' in error ? error.code : 'accepted';
      // An outlived one of ours may log out: it is asked for once.
      const asked = store.calls() > before;
      expect(code).toMatch(asked ? /^ERR_STORE_UNAVAILABLE$/ : /^ERR_(TOKEN|INPUT)_INVALID$/);
    }
    expect(store.calls()).toBeLessThan(5_000 / 10);
  });

  it('a good token does reach the store', async () => {
    const before = store.calls();
    await opaque.refresh(token('refresh', 1, own, soon)).catch(() => {});
    await opaque.verify(token('access', 1, own, soon)).catch(() => {});
    expect(store.calls()).toBe(before + 2);
  });
});
