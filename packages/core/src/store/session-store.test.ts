import { describe, expect, it } from 'vitest';
import { record, rotatedAt } from '../../test/records.ts';
import type { SessionRecord } from './session-record.ts';
import { isTouchDue } from './session-store.ts';

const isDue = (generation: number, age: number, overrides: Partial<SessionRecord> = {}): boolean =>
  isTouchDue(record(overrides), { generation, interval: 60_000 }, rotatedAt + age);

describe('activity must be written', () => {
  it('at the first use of the current generation, at once', () => {
    expect(isDue(6, 0)).toBe(true);
    expect(isDue(6, 0, { confirmed: true })).toBe(false);
    expect(isDue(5, 0)).toBe(false);
  });

  it('once the interval since the last is over, inclusive', () => {
    for (const generation of [5, 6]) {
      expect(isDue(generation, 59_999, { confirmed: true })).toBe(false);
      expect(isDue(generation, 60_000, { confirmed: true })).toBe(true);
    }
  });

  it('never for a generation that a step-up has replaced', () => {
    for (const age of [0, 60_000, 86_400_000]) {
      expect(isDue(5, age, { floor: 6 })).toBe(false);
    }
    expect(isDue(6, 60_000, { floor: 6, confirmed: true })).toBe(true);
  });

  it('once for a generation above the current one: the store has lost a write', () => {
    expect(isDue(7, 0)).toBe(true);
    expect(isDue(7, 86_400_000, { regressedAt: rotatedAt })).toBe(false);
  });
});
