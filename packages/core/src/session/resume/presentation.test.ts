import { describe, expect, it } from 'vitest';
import { hashOf, record, rotatedAt } from '../../../test/records.ts';
import type { SessionRecord } from '../../store/session-record.ts';
import { presets } from '../presets.ts';
import { decidePresentation, type PresentationPolicy } from './presentation.ts';

const policy: PresentationPolicy = presets.default;
const { gracePeriod: W, strikePeriod: S, rotateAfter, regressionPeriod } = policy;

const decide = (
  generation: number,
  age: number,
  overrides: Partial<SessionRecord> = {},
  tokenHash: Uint8Array = hashOf(generation),
): string =>
  decidePresentation(record(overrides), { generation, tokenHash }, policy, rotatedAt + age);

describe('a presented session token', () => {
  it('is current until it is time for the next one', () => {
    expect(decide(6, 0)).toBe('current');
    expect(decide(6, rotateAfter - 1)).toBe('current');
    expect(decide(6, rotateAfter)).toBe('due');
    expect(decide(0, rotateAfter, { generation: 0 })).toBe('due');
  });

  it('is not due too soon after a late replay: answers with it may still be under way', () => {
    const late = { lateReplayAt: rotatedAt + rotateAfter };
    expect(decide(6, 2 * rotateAfter - 1, late)).toBe('current');
    expect(decide(6, 2 * rotateAfter, late)).toBe('due');
  });

  it('gets the same successor within the grace period, until somebody has used that', () => {
    expect(decide(5, 0)).toBe('replay');
    expect(decide(5, W)).toBe('replay');
    expect(decide(5, W, { confirmed: true })).toBe('straggler');
    expect(decide(5, S + W, { lateReplayAt: rotatedAt + S, confirmed: true })).toBe('straggler');
  });

  it('goes by `rotate` when it comes later and the successor was never used', () => {
    expect(decide(5, W + 1)).toBe('rotate');
    expect(decide(5, 13 * 86_400_000)).toBe('rotate');
  });

  it('is told to come back with the newer one for a while, then ends its session', () => {
    expect(decide(5, W + 1, { confirmed: true })).toBe('retry');
    expect(decide(5, S, { confirmed: true })).toBe('retry');
    expect(decide(5, S + 1, { confirmed: true })).toBe('rotate');
  });

  it('is refused without an alarm where a step-up has replaced it', () => {
    expect(decide(5, W, { floor: 6 })).toBe('retry');
    expect(decide(5, W + 1, { floor: 6 })).toBe('superseded');
  });

  it('goes by `rotate`, which ends the session, where it is older or was never ours', () => {
    for (const generation of [4, 3, 0]) expect(decide(generation, 0)).toBe('rotate');
    expect(decide(6, 0, {}, hashOf(6, 'other'))).toBe('rotate');
    expect(decide(5, 0, {}, hashOf(5, 'other'))).toBe('rotate');
  });

  it('shows a lost write where it is newer, and so does every token from then on', () => {
    expect(decide(7, 0)).toBe('newer');
    for (const generation of [4, 5, 6, 7]) {
      expect(decide(generation, regressionPeriod, { regressedAt: rotatedAt })).toBe('newer');
    }
  });
});
