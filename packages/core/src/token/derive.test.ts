import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, keyRing, rootSecret } from '../../test/roots.ts';
import { prefix, tokenBytes } from '../../test/tokens.ts';
import { decodeToken } from './decode.ts';
import {
  deriveAccessSeed,
  deriveAccessToken,
  deriveSuccessor,
  expiryOfToken,
  generationOf,
  isBound,
  kidOf,
} from './derive.ts';
import { encodeToken, printToken } from './encode.ts';

const root = keyRing().active;
const salt = bytesOf('salt', 32);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const flipBit = (bytes: Uint8Array, bit: number): Uint8Array => {
  const flipped = bytes.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
  return flipped;
};

describe('a successor', () => {
  const token = tokenBytes('derive');

  it('is the same for the same token, salt and root on every node', () => {
    const again = keyRing(rootSecret('later'), rootSecret('one')).find(root.kid);
    expect(again && hex(deriveSuccessor(token, salt, again))).toBe(
      hex(deriveSuccessor(token.slice(), salt.slice(), root)),
    );
  });

  it('is a token of the next generation: id and expiry are inherited', () => {
    const successor = deriveSuccessor(token, salt, root);
    const decoded = decodeToken(printToken(successor, prefix), 'refresh', prefix, keyRing());
    expect(decoded).toMatchObject({
      id: Buffer.from(bytesOf('id derive', 18)).toString('base64url'),
      generation: generationOf(token) + 1,
      expiry: expiryOfToken(token),
      kid: root.kid,
    });
  });

  it('is bound to a key where its predecessor is, and nowhere else', () => {
    for (const type of ['refresh', 'boundRefresh'] as const) {
      const made = tokenBytes('derive', type);
      expect(deriveSuccessor(made, salt, root)[0]).toBe(made[0]);
      expect(isBound(deriveSuccessor(made, salt, root))).toBe(type === 'boundRefresh');
    }
  });

  it('has the secret that the protocol says', () => {
    const next = Buffer.alloc(4);
    next.writeUInt32BE(generationOf(token) + 1);
    const message = Buffer.concat([
      Buffer.from('pawl successor v1'),
      token.subarray(0, 62),
      next,
      salt,
    ]);
    const expected = createHmac('sha256', root.derive('rotate')).update(message).digest('hex');
    expect(hex(deriveSuccessor(token, salt, root).subarray(30, 62))).toBe(expected);
  });

  it('is another for any changed bit of the token or the salt, and for another root', () => {
    const secrets = new Set<string>();
    const secretOf = (...given: Parameters<typeof deriveSuccessor>): string =>
      hex(deriveSuccessor(...given).subarray(30, 62));
    secrets.add(secretOf(token, salt, root));
    // The tag follows from the bytes before it, and is not an input itself.
    for (let bit = 0; bit < 62 * 8; bit++) secrets.add(secretOf(flipBit(token, bit), salt, root));
    for (let bit = 0; bit < 256; bit++) secrets.add(secretOf(token, flipBit(salt, bit), root));
    secrets.add(secretOf(token, salt, keyRing(rootSecret('two')).active));
    expect(secrets.size).toBe(1 + 62 * 8 + 256 + 1);
  });

  it('is made under the root that is given, whichever the token was made under', () => {
    const two = keyRing(rootSecret('two')).active;
    expect(kidOf(deriveSuccessor(token, salt, two))).toBe(two.kid);
    expect(kidOf(token)).toBe(root.kid);
  });

  it('leaves the token and the salt as they were', () => {
    const [before, saltBefore] = [hex(token), hex(salt)];
    deriveSuccessor(token, salt, root);
    expect([hex(token), hex(salt)]).toStrictEqual([before, saltBefore]);
  });
});

describe('an access token', () => {
  it('says the id and generation of its refresh token and an expiry of its own', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 40 - 1 }), fc.string(), (expiry, seed) => {
        const refresh = tokenBytes(seed);
        const access = deriveAccessToken(refresh, expiry, root);
        expect(generationOf(access)).toBe(generationOf(refresh));
        expect(expiryOfToken(access)).toBe(expiry);
        expect(hex(access.subarray(3, 21))).toBe(hex(refresh.subarray(3, 21)));
        expect(hex(access.subarray(30, 62))).not.toBe(hex(refresh.subarray(30, 62)));
      }),
    );
  });

  it('depends on the secret of its refresh token', () => {
    const refresh = tokenBytes('access');
    const other = encodeToken(
      {
        type: 'refresh',
        id: refresh.subarray(3, 21),
        generation: generationOf(refresh),
        expiry: expiryOfToken(refresh),
        secret: bytesOf('another', 32),
      },
      root,
    );
    expect(hex(deriveAccessToken(refresh, 5, root))).not.toBe(
      hex(deriveAccessToken(other, 5, root)),
    );
  });
});

describe('the seed of an access token', () => {
  const at = (generation: number, id = 'seed', key = root): { jti: string; jitter: number } => {
    const refresh = encodeToken(
      {
        type: 'refresh',
        id: bytesOf(id, 18),
        generation,
        expiry: 1,
        secret: bytesOf(`${generation}`, 32),
      },
      key,
    );
    const { jti, jitter } = deriveAccessSeed(refresh, key);
    return { jti: hex(jti), jitter };
  };

  it('is one per session and generation', () => {
    expect(at(7)).toStrictEqual(at(7));
    const all = [0, 1, 2, 255, 256, 65_536, 2 ** 32 - 1].flatMap((generation) =>
      ['seed', 'other'].map((id) => at(generation, id).jti),
    );
    expect(new Set(all).size).toBe(all.length);
    expect(all.every((jti) => jti.length === 36)).toBe(true);
  });

  it('spreads its jitter over 0 to 1', () => {
    const jitters = Array.from({ length: 400 }, (_, generation) => at(generation).jitter);
    expect(jitters.every((jitter) => jitter >= 0 && jitter < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth++) {
      expect(jitters.some((jitter) => Math.floor(jitter * 10) === tenth)).toBe(true);
    }
  });
});
