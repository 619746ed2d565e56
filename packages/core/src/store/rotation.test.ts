import { describe, expect, it } from 'vitest';
import {
  callIdOf,
  hashOf,
  policy,
  record,
  request,
  rotatedAt,
  strict,
} from '../../test/records.ts';
import { decideRotation, type RotationPolicy } from './rotation.ts';
import type { SessionRecord } from './session-record.ts';

/** What is decided `age` ms after the last rotation. */
const decide = (
  generation: number,
  age: number,
  overrides: Partial<SessionRecord> = {},
  given: RotationPolicy = policy,
): string =>
  decideRotation(record(overrides), request(generation, { policy: given }), rotatedAt + age);

const { gracePeriod: W, settlePeriod: M, strikePeriod: S, maxLateRun: N } = policy;
const confirmed = { confirmed: true };

describe('the decision about a session that has ended', () => {
  it('is "revoked", whatever is presented', () => {
    for (const generation of [0, 4, 5, 6, 7]) {
      expect(decide(generation, 0, { revokedAt: rotatedAt - 1 })).toBe('revoked');
      expect(decide(generation, 0, { revokedAt: rotatedAt - 1, expiresAt: 0 })).toBe('revoked');
    }
  });

  it('is "expired" from the exact millisecond of either limit', () => {
    for (const generation of [0, 4, 5, 6, 7]) {
      expect(decide(generation, 0, { expiresAt: rotatedAt })).toBe('expired');
      expect(decide(generation, 1_000, { idleTimeout: 1_000 })).toBe('expired');
    }
    expect(decide(6, M, { expiresAt: rotatedAt + M + 1 })).toBe('rotated');
    expect(decide(6, M, { idleTimeout: M + 1 })).toBe('rotated');
  });
});

describe('the decision about the current token', () => {
  it('is "settled" below M, "rotated" from M on', () => {
    expect(decide(6, 0)).toBe('settled');
    expect(decide(6, M - 1, confirmed)).toBe('settled');
    expect(decide(6, M)).toBe('rotated');
    expect(decide(6, 13 * 86_400_000)).toBe('rotated');
  });

  it('is "rotated" at once for a session that has never rotated', () => {
    expect(decide(0, 0, { generation: 0 })).toBe('rotated');
    expect(decide(1, 0, { generation: 1 })).toBe('settled');
  });

  it('settles while the clock steps back up to a second, not further', () => {
    expect(decide(6, -1_000)).toBe('settled');
    expect(decide(6, -1_001)).toBe('rotated');
    expect(decide(6, -86_400_000)).toBe('rotated');
  });

  it('never settles where M is 0', () => {
    expect(decide(6, 0, {}, strict)).toBe('rotated');
    expect(decide(6, -500, {}, { ...policy, settlePeriod: 0 })).toBe('rotated');
  });

  it('is "fork" if the hash differs in any bit', () => {
    for (const bit of [0, 63, 64, 255]) {
      const tokenHash = hashOf(6).slice();
      tokenHash[bit >> 3] = (tokenHash[bit >> 3] as number) ^ (1 << (bit & 7));
      for (const age of [M, M + 1, S]) {
        const at = rotatedAt + age;
        const input = request(6, { tokenHash });
        expect(decideRotation(record(confirmed), input, at)).toBe('fork');
        // The current token is unused: the store may have lost a write.
        expect(decideRotation(record(), input, at)).toBe('regression');
      }
      const begun = record({ generation: 0 });
      const forged = request(0, { tokenHash });
      expect(decideRotation(begun, forged, rotatedAt)).toBe('fork');
    }
  });
});

describe('the decision about the predecessor', () => {
  it('is "replayed" within W, inclusive, up to R times', () => {
    expect(decide(5, 0, confirmed)).toBe('replayed');
    expect(decide(5, W, { ...confirmed, replays: 4 })).toBe('replayed');
    expect(decide(5, W, { ...confirmed, replays: 5 })).toBe('retry');
    expect(decide(5, W + 1, confirmed)).toBe('retry_counted');
  });

  it('is "replayed" however late while the successor is unconfirmed, up to R₂ times', () => {
    for (const age of [0, W, W + 1, S, S + 1, 13 * 86_400_000]) {
      const kind = age <= W ? 'replayed' : 'replayed_late';
      expect(decide(5, age)).toBe(kind);
      expect(decide(5, age, { replays: 19 })).toBe(kind);
    }
    expect(decide(5, W, { replays: 20 })).toBe('retry');
    expect(decide(5, W + 1, { replays: 20 })).toBe('reuse_detected');
  });

  it('is a "retry" within S, inclusive, up to R times, once the successor is confirmed', () => {
    expect(decide(5, W + 1, confirmed)).toBe('retry_counted');
    expect(decide(5, S, confirmed)).toBe('retry_counted');
    expect(decide(5, S, { ...confirmed, strikes: 4 })).toBe('retry_counted');
    expect(decide(5, S, { ...confirmed, strikes: 5 })).toBe('reuse_detected');
    expect(decide(5, S + 1, confirmed)).toBe('reuse_detected');
  });

  it('is a "retry" without a strike within W, however many there were', () => {
    expect(decide(5, W, { ...confirmed, replays: 5, strikes: 5 })).toBe('retry');
  });

  it('does not know the age once the clock stepped back more than a second', () => {
    expect(decide(5, -1_000, confirmed)).toBe('replayed');
    expect(decide(5, -1_001, confirmed)).toBe('retry_counted');
    expect(decide(5, -1_001, { ...confirmed, strikes: 5 })).toBe('reuse_detected');
    expect(decide(5, -86_400_000)).toBe('replayed_late');
  });

  it('RT-10: is "reuse_detected" at once in strict', () => {
    for (const age of [-500, 0, 1, W]) {
      expect(decide(5, age, {}, strict)).toBe('reuse_detected');
      expect(decide(5, age, confirmed, strict)).toBe('reuse_detected');
    }
  });

  it('has no grace period if W is 0, not even within the same millisecond', () => {
    const given = { ...policy, gracePeriod: 0 };
    expect(decide(5, 0, confirmed, given)).toBe('retry_counted');
    expect(decide(5, 0, confirmed, { ...given, strikePeriod: 0 })).toBe('reuse_detected');
  });

  it('is refused after a step-up, without an alarm', () => {
    const elevated = { floor: 6, strikes: 5, replays: 20 };
    expect(decide(5, W, elevated)).toBe('retry');
    for (const age of [W + 1, S, S + 1, 13 * 86_400_000]) {
      expect(decide(5, age, elevated)).toBe('superseded');
      expect(decide(5, age, { ...elevated, confirmed: true })).toBe('superseded');
    }
    expect(decide(5, 0, elevated, strict)).toBe('superseded');
    // A request was in flight while another tab rotated and then stepped up.
    for (const generation of [4, 3, 0]) {
      expect(decide(generation, S, elevated)).toBe('superseded');
    }
  });

  it('is refused after a step-up in later generations too, even beyond the ring', () => {
    for (const generation of [6, 5, 4, 3, 2, 1]) {
      expect(decide(generation - 1, S, { floor: generation })).toBe('superseded');
    }
    const other = request(3, { tokenHash: hashOf(3, 'other') });
    const used = record({ floor: 4, ...confirmed });
    expect(decideRotation(used, other, rotatedAt + S)).toBe('fork');
  });

  it('RT-12: ends the session at the first late replay of the Nth generation in a row', () => {
    expect(decide(5, S, { lateRun: N - 2 })).toBe('replayed_late');
    expect(decide(5, S, { lateRun: N - 1 })).toBe('late_run');
    // Several late replays in one generation count once.
    expect(decide(5, S, { lateRun: N - 1, lateReplayAt: rotatedAt + W + 1 })).toBe('replayed_late');
    expect(decide(5, W, { lateRun: N - 1 })).toBe('replayed');
  });

  it('has a grace period of its own after a late replay', () => {
    const late = { lateReplayAt: rotatedAt + S, lateRun: 1, ...confirmed };
    expect(decide(5, S + W, late)).toBe('replayed');
    expect(decide(5, S + W + 1, late)).toBe('retry_counted');
    expect(decide(6, S + M - 1, late)).toBe('settled');
    expect(decide(6, S + M, late)).toBe('rotated');
  });

  it('has a successor again one rotation after a step-up', () => {
    expect(decide(5, W, { floor: 5 })).toBe('replayed');
  });
});

describe('the decision about an older token', () => {
  it('is "reuse_detected" for each of the ring, within any period', () => {
    for (const generation of [4, 3, 2]) {
      for (const age of [0, W, S, S + 1]) {
        expect(decide(generation, age)).toBe('reuse_detected');
      }
    }
  });

  it('is "reuse_detected" for those that the ring has forgotten, whatever their hash', () => {
    for (const generation of [1, 0]) {
      expect(decide(generation, 0)).toBe('reuse_detected');
      const tokenHash = hashOf(generation, 'other');
      expect(decideRotation(record(), request(generation, { tokenHash }), rotatedAt)).toBe(
        'reuse_detected',
      );
    }
  });

  it('is "fork" for one that was never consumed, at each place of the ring', () => {
    for (const generation of [5, 4, 3, 2]) {
      for (const at of [0, 7]) {
        const tokenHash = hashOf(generation).slice();
        tokenHash[at] = (tokenHash[at] as number) ^ 1;
        const input = request(generation, { tokenHash });
        expect(decideRotation(record(confirmed), input, rotatedAt + M)).toBe('fork');
      }
      const neighbour = { tokenHash: hashOf(generation === 2 ? 3 : generation - 1) };
      const input = request(generation, neighbour);
      expect(decideRotation(record(confirmed), input, rotatedAt + M)).toBe('fork');
    }
  });

  it('is "fork" where the ring should know it and does not', () => {
    expect(decide(5, M, { ...confirmed, ring: new Uint8Array(0) })).toBe('fork');
    expect(decide(3, M, { ...confirmed, ring: new Uint8Array(16) })).toBe('fork');
  });
});

describe('the decision about a newer token', () => {
  it('is "regression": the store has lost a write, which is no sign of a theft', () => {
    for (const generation of [7, 8, 2 ** 32 - 1]) {
      for (const age of [-5_000, 0, S + 1]) {
        expect(decide(generation, age)).toBe('regression');
        expect(decide(generation, age, {}, strict)).toBe('regression');
      }
    }
  });
});

describe('the decision after a lost write', () => {
  const P = policy.regressionPeriod;

  it('is "regression" for any token, while the write may still come back', () => {
    const regressed = { regressedAt: rotatedAt + S };
    for (const generation of [4, 5, 6, 7]) {
      expect(decide(generation, S, regressed)).toBe('regression');
      expect(decide(generation, S + P - 1, regressed)).toBe('regression');
      expect(decide(generation, S + P, regressed)).toBe('lost');
    }
  });

  it('is "regression", not "fork", for a token of another history soon after a rotation', () => {
    for (const generation of [6, 5, 2]) {
      const input = request(generation, { tokenHash: hashOf(generation, 'lost') });
      expect(decideRotation(record(confirmed), input, rotatedAt + P - 1)).toBe('regression');
      expect(decideRotation(record(confirmed), input, rotatedAt + P)).toBe('fork');
    }
  });

  it('is "lost" at once if the regression period is 0', () => {
    const certain = { ...policy, regressionPeriod: 0 };
    expect(decide(7, 0, {}, certain)).toBe('lost');
    for (const generation of [6, 5, 2]) {
      const tokenHash = hashOf(generation, 'lost');
      const input = request(generation, { tokenHash, policy: certain });
      expect(decideRotation(record(), input, rotatedAt + S)).toBe('lost');
      expect(decideRotation(record(confirmed), input, rotatedAt + S)).toBe('fork');
    }
  });
});

describe('RT-14: the decision about a call that is sent again', () => {
  const { callId, next } = request(5);

  it('is its first decision, if it rotated the token', () => {
    expect(decide(5, 0, { tokenHash: next.tokenHash })).toBe('rotated_again');
    expect(decide(5, S + 1, { tokenHash: next.tokenHash })).toBe('rotated_again');
  });

  it('is its first decision, if it ended the session', () => {
    for (const reason of ['reuse_detected', 'fork', 'lost'] as const) {
      const ended = { revokedAt: rotatedAt, revokedReason: reason, revokedBy: callId };
      expect(decide(5, 0, ended)).toBe(`${reason}_again`);
      expect(decide(5, 0, { ...ended, revokedBy: callIdOf('another') })).toBe('revoked');
    }
    const loggedOut = { revokedAt: rotatedAt, revokedReason: 'logout', revokedBy: callId };
    expect(decide(5, 0, loggedOut)).toBe('revoked');
  });

  it('counts no replay and no strike twice', () => {
    const counted = { lastCallId: callId, replays: 20, strikes: 5 };
    expect(decide(5, W, counted)).toBe('replayed_again');
    expect(decide(5, S, counted)).toBe('replayed_again');
    expect(decide(5, S, { ...counted, ...confirmed })).toBe('retry_again');
  });
});
