import { withNextGeneration } from './rotation.ts';
import { endOf, type NewSession, type SessionRecord } from './session-record.ts';
import type { ElevationInput } from './session-store.ts';

/** Returns the record of a new session. */
export const newRecord = ({ first, ...session }: NewSession, now: number): SessionRecord => ({
  ...session,
  ...first,
  generation: 0,
  floor: 0,
  ring: new Uint8Array(),
  previousAccessHash: null,
  confirmed: false,
  replays: 0,
  strikes: 0,
  createdAt: now,
  rotatedAt: now,
  lastActiveAt: now,
  revokedAt: null,
  revokedReason: null,
  dataVersion: 0,
});

/** Returns the record after activity; the same object if the session has ended. */
export const applyTouch = (
  record: SessionRecord,
  generation: number,
  now: number,
): SessionRecord => {
  if (endOf(record, now) !== null) return record;
  return {
    ...record,
    lastActiveAt: Math.max(now, record.lastActiveAt),
    confirmed: record.confirmed || record.generation === generation,
  };
};

/** Returns the record after a step-up. The caller has checked that the session is live and the generation current. */
export const applyElevation = (
  record: SessionRecord,
  { next, attributes }: Pick<ElevationInput, 'next' | 'attributes'>,
  now: number,
): SessionRecord => ({
  ...withNextGeneration(record, next, now),
  floor: record.generation + 1,
  attributes,
});
