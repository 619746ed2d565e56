import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultCrypto } from '#crypto';
import { anyText } from '../../test/any-text.ts';
import { systemRandom } from '../random.ts';
import { encodeTriples } from './base64url.ts';
import { createIsIdOf, isId, newId } from './session-id.ts';

const idFor = (userId: string): string => encodeTriples(newId(userId, systemRandom, defaultCrypto));

describe('a session id', () => {
  it('SE-02: is the shard of its user and 128 random bits', () => {
    const asked: number[] = [];
    const id = newId(
      'ann',
      (length) => (asked.push(length), new Uint8Array(length)),
      defaultCrypto,
    );
    expect(asked).toStrictEqual([16]);
    const shard = createHash('sha256').update('ann').digest().subarray(0, 2);
    expect(Buffer.from(id)).toStrictEqual(Buffer.concat([shard, Buffer.alloc(16)]));
    expect(new Set(Array.from({ length: 500 }, () => idFor('ann'))).size).toBe(500);
  });

  it('is known to be of its user, however often it is asked', () => {
    const isIdOf = createIsIdOf(defaultCrypto);
    fc.assert(
      fc.property(anyText({ minLength: 1 }), (userId) => {
        const id = idFor(userId);
        expect(isId(id)).toBe(true);
        expect([isIdOf(id, userId), isIdOf(id, userId)]).toStrictEqual([true, true]);
      }),
    );
    const others = Array.from({ length: 200 }, (_, i) => `other ${i}`);
    const id = idFor('ann');
    expect(isIdOf(id, 'ann')).toBe(true);
    expect(others.filter((other) => isIdOf(id, other))).toHaveLength(0);
    expect(others.filter((other) => isIdOf(id, other))).toHaveLength(0);
    expect(isIdOf(id, 'ann')).toBe(true);
    expect([isIdOf(id, 'bob'), isIdOf(id, 'bob')]).toStrictEqual([false, false]);
    expect(isIdOf('not an id', 'ann')).toBe(false);
  });

  it('has one form', () => {
    const id = idFor('ann');
    for (const odd of [
      '',
      `${id}A`,
      id.slice(1),
      `${id.slice(0, 23)}=`,
      `${id.slice(0, 23)} `,
      `${id.slice(0, 23)}é`,
      `../${id.slice(3)}`,
      null,
      undefined,
      24,
      [id],
      { length: 24 },
    ]) {
      expect(isId(odd)).toBe(false);
    }
  });
});
