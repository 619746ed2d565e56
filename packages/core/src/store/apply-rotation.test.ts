import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  callIdOf,
  generationRecordOf,
  hashOf,
  policy,
  record,
  request,
  rotatedAt,
} from '../../test/records.ts';
import { applyRotation, withNextGeneration } from './apply-rotation.ts';
import type { RotationOutcome } from './rotation.ts';
import { endOf, expiryOf, type SessionRecord } from './session-record.ts';

type Outcome = Exclude<RotationOutcome, { kind: 'missing' }>;

const apply = (
  generation: number,
  age: number,
  overrides: Partial<SessionRecord> = {},
): { before: SessionRecord; outcome: Outcome } => {
  const before = record(overrides);
  return { before, outcome: applyRotation(before, request(generation), rotatedAt + age) };
};

const ringOf = (...generations: number[]): Uint8Array =>
  new Uint8Array(Buffer.concat(generations.map((one) => hashOf(one).subarray(0, 8))));

describe('applying a decision', () => {
  it('a rotation makes the successor current and consumes the token', () => {
    const changing = {
      confirmed: true,
      replays: 3,
      strikes: 1,
      lateRun: 2,
      lastCallId: callIdOf('another'),
    };
    const { before, outcome } = apply(6, 70_000, changing);
    const { tokenHash, salt, kid, issuedAt, accessHash } = generationRecordOf(7, 'next');
    expect(outcome).toStrictEqual({
      kind: 'rotated',
      age: 70_000,
      now: rotatedAt + 70_000,
      record: {
        ...before,
        tokenHash,
        salt,
        kid,
        issuedAt,
        accessHash,
        generation: 7,
        ring: ringOf(6, 5, 4, 3),
        previousAccessHash: before.accessHash,
        confirmed: false,
        replays: 0,
        strikes: 0,
        lateRun: 0,
        lateReplayAt: null,
        lastCallId: null,
        rotatedAt: rotatedAt + 70_000,
        lastActiveAt: rotatedAt + 70_000,
      },
    });
  });

  it('settling confirms and moves nothing else', () => {
    const { before, outcome } = apply(6, 1_000);
    expect(outcome).toMatchObject({ kind: 'settled', age: 1_000 });
    expect(outcome.record).toStrictEqual({ ...before, confirmed: true });
    const again = apply(6, 1_000, { confirmed: true });
    expect(again.outcome.record).toBe(again.before);
  });

  it('a replay is counted and changes nothing else', () => {
    const { before, outcome } = apply(5, 5_000, { replays: 2 });
    expect(outcome).toMatchObject({ kind: 'replayed', age: 5_000 });
    const counted = { replays: 3, lastCallId: callIdOf('this') };
    expect(outcome.record).toStrictEqual({ ...before, ...counted });
    const again = applyRotation(outcome.record, request(5), rotatedAt + 6_000);
    expect(again.kind).toBe('replayed');
    expect(again.record).toBe(outcome.record);
  });

  it('a late replay starts the grace period again, and the run ends with a generation without one', () => {
    const { before, outcome } = apply(5, 300_000, { lateRun: 1 });
    expect(outcome).toMatchObject({ kind: 'replayed', age: 300_000 });
    const lateReplayAt = rotatedAt + 300_000;
    const { issuedAt } = generationRecordOf(6, 'next');
    const counted = {
      replays: 1,
      lateRun: 2,
      lateReplayAt,
      issuedAt,
      lastCallId: callIdOf('this'),
    };
    expect(outcome.record).toStrictEqual({ ...before, ...counted });
    const next = applyRotation(outcome.record, request(6), rotatedAt + 400_000).record;
    expect(next).toMatchObject({ generation: 7, lateRun: 2, lateReplayAt: null });
    const token = { tokenHash: hashOf(7, 'next') };
    const after = applyRotation(next, request(7, token), rotatedAt + 500_000);
    expect(after.record).toMatchObject({ generation: 8, lateRun: 0, lateReplayAt: null });
  });

  it('RT-12: late replays in too many generations in a row end the session, and the record keeps the count', () => {
    const { before, outcome } = apply(5, 300_000, { lateRun: 3 });
    expect(outcome.kind).toBe('reuse_detected');
    expect(outcome.record).toStrictEqual({
      ...before,
      lateRun: 4,
      revokedAt: rotatedAt + 300_000,
      revokedReason: 'reuse_detected',
      revokedBy: callIdOf('this'),
    });
  });

  it('a lost write is recorded once, and ends the session if it does not come back', () => {
    const { before, outcome } = apply(7, 1_000);
    expect(outcome.kind).toBe('regression');
    expect(outcome.record).toStrictEqual({ ...before, regressedAt: rotatedAt + 1_000 });
    const later = applyRotation(outcome.record, request(7), rotatedAt + 60_999);
    expect(later.record).toBe(outcome.record);
    const lost = applyRotation(outcome.record, request(6), rotatedAt + 61_000);
    expect(lost).toMatchObject({ kind: 'lost', record: { revokedReason: 'lost' } });
    expect(lost.record.revokedBy).toStrictEqual(callIdOf('this'));
  });

  it('a retry counts as a strike after the grace period, and not within it', () => {
    const struck = apply(5, 50_000, { confirmed: true });
    expect(struck.outcome.kind).toBe('retry');
    expect(struck.outcome.record).toStrictEqual({
      ...struck.before,
      strikes: 1,
      lastCallId: callIdOf('this'),
    });
    const free = apply(5, 5_000, { confirmed: true, replays: 5 });
    expect(free.outcome.kind).toBe('retry');
    expect(free.outcome.record).toBe(free.before);
  });

  it('RT-02: reuse and fork revoke in the same step, with their own reason', () => {
    const reuse = apply(4, 5_000);
    expect(reuse.outcome.record).toStrictEqual({
      ...reuse.before,
      revokedAt: rotatedAt + 5_000,
      revokedReason: 'reuse_detected',
      revokedBy: callIdOf('this'),
    });
    const fork = apply(5, 60_000, { ring: new Uint8Array(32), confirmed: true });
    expect(fork.outcome.record).toStrictEqual({
      ...fork.before,
      revokedAt: rotatedAt + 60_000,
      revokedReason: 'fork',
      revokedBy: callIdOf('this'),
    });
  });

  it('any other decision changes nothing', () => {
    for (const [generation, overrides, kind] of [
      [6, { revokedAt: rotatedAt, revokedReason: 'logout' }, 'revoked'],
      [4, { revokedAt: rotatedAt, revokedReason: 'logout' }, 'revoked'],
      [6, { expiresAt: rotatedAt }, 'expired'],
      [4, { expiresAt: rotatedAt }, 'expired'],
    ] as const) {
      const { before, outcome } = apply(generation, 1_000, overrides);
      expect(outcome.kind).toBe(kind);
      expect(outcome.record).toBe(before);
    }
  });

  it('the age is negative where the clock stepped back, and activity never moves back', () => {
    const { outcome } = apply(6, -5_000, { lastActiveAt: rotatedAt + 9 });
    expect(outcome).toMatchObject({ kind: 'rotated', age: -5_000, now: rotatedAt - 5_000 });
    expect(outcome.record).toMatchObject({
      rotatedAt: rotatedAt - 5_000,
      lastActiveAt: rotatedAt + 9,
    });
  });

  it('I6: no chain of presentations moves the absolute expiry or clears a revocation', () => {
    const steps = fc.array(
      fc.record({ behind: fc.integer({ min: -1, max: 5 }), pass: fc.nat(200_000) }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(steps, (chain) => {
        let current = record({ generation: 0 });
        let now = rotatedAt;
        for (const { behind, pass } of chain) {
          now += pass;
          const presented = Math.max(0, current.generation - behind);
          const { record: next } = applyRotation(current, request(presented), now);
          expect(next.expiresAt).toBe(current.expiresAt);
          expect(next.idleTimeout).toBe(current.idleTimeout);
          expect(next.sessionId).toBe(current.sessionId);
          expect(next.createdAt).toBe(current.createdAt);
          expect(current.revokedAt === null || next === current).toBe(true);
          current = next;
        }
      }),
    );
  });
});

describe('the ring', () => {
  it('grows to the last four consumed tokens, newest first', () => {
    let current = record({ generation: 0 });
    const rings: Uint8Array[] = [];
    for (let generation = 0; generation < 6; generation++) {
      current = withNextGeneration(current, generationRecordOf(generation + 1), rotatedAt);
      rings.push(current.ring);
    }
    expect(rings).toStrictEqual([
      ringOf(0),
      ringOf(1, 0),
      ringOf(2, 1, 0),
      ringOf(3, 2, 1, 0),
      ringOf(4, 3, 2, 1),
      ringOf(5, 4, 3, 2),
    ]);
  });

  it('is a new one each time', () => {
    const before = record();
    const copy = before.ring.slice();
    withNextGeneration(before, generationRecordOf(7), rotatedAt).ring.fill(0);
    expect(before.ring).toStrictEqual(copy);
  });

  it('knows each of the four after as many rotations, and decides by it', () => {
    for (const behind of [2, 3, 4, 5]) {
      expect(apply(6 - behind, 0).outcome.kind).toBe('reuse_detected');
    }
  });
});

describe('the end of a session', () => {
  it('is the first of its idle and its absolute expiry, inclusive', () => {
    const idle = { lastActiveAt: 1_000, idleTimeout: 500, expiresAt: 9_000 };
    expect(expiryOf(idle)).toBe(1_500);
    expect(expiryOf({ ...idle, expiresAt: 1_200 })).toBe(1_200);
    expect(endOf({ ...idle, revokedAt: null }, 1_499)).toBeNull();
    expect(endOf({ ...idle, revokedAt: null }, 1_500)).toBe('expired');
    expect(endOf({ ...idle, revokedAt: 1 }, 0)).toBe('revoked');
    expect(endOf({ ...idle, revokedAt: 0 }, 5_000)).toBe('revoked');
  });

  it('has the presets to decide by', () => {
    expect(policy.gracePeriod).toBeLessThanOrEqual(30_000);
  });
});
