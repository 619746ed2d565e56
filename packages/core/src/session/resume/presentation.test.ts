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
  it('is current until rotateAfter, then due', () => {
    expect(decide(6, 0)).toBe('current');
    expect(decide(6, rotateAfter - 1)).toBe('current');
    expect(decide(6, rotateAfter)).toBe('due');
    expect(decide(0, rotateAfter, { generation: 0 })).toBe('due');
  });

  it('is not due soon after a late replay: responses with it may still be in flight', () => {
    const late = { lateReplayAt: rotatedAt + rotateAfter };
    expect(decide(6, 2 * rotateAfter - 1, late)).toBe('current');
    expect(decide(6, 2 * rotateAfter, late)).toBe('due');
  });

  it('gets the same successor within the grace period, until that is used', () => {
    expect(decide(5, 0)).toBe('replay');
    expect(decide(5, W)).toBe('replay');
    expect(decide(5, W, { confirmed: true })).toBe('tolerated');
    expect(decide(5, S + W, { lateReplayAt: rotatedAt + S, confirmed: true })).toBe('tolerated');
  });

  it('is left to `rotate` after the grace period while its successor is unused', () => {
    expect(decide(5, W + 1)).toBe('rotate');
    expect(decide(5, 13 * 86_400_000)).toBe('rotate');
  });

  it('gets a retry within the strike period, once its successor is in use, and is left to `rotate` after it', () => {
    expect(decide(5, W + 1, { confirmed: true })).toBe('retry');
    expect(decide(5, S, { confirmed: true })).toBe('retry');
    expect(decide(5, S + 1, { confirmed: true })).toBe('rotate');
  });

  it('is refused without an alarm if a step-up has replaced it', () => {
    expect(decide(5, W, { floor: 6 })).toBe('retry');
    expect(decide(5, W + 1, { floor: 6 })).toBe('superseded');
  });

  it('is left to `rotate`, which ends the session, if it is older or unknown to the record', () => {
    for (const generation of [4, 3, 0]) expect(decide(generation, 0)).toBe('rotate');
    expect(decide(6, 0, {}, hashOf(6, 'other'))).toBe('rotate');
    expect(decide(5, 0, {}, hashOf(5, 'other'))).toBe('rotate');
  });

  it('is a regression if it is newer than the record, and so is every token after that', () => {
    expect(decide(7, 0)).toBe('regression');
    for (const generation of [4, 5, 6, 7]) {
      expect(decide(generation, regressionPeriod, { regressedAt: rotatedAt })).toBe('regression');
    }
  });
});
