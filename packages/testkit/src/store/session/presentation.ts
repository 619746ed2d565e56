import type { NewSession, RotationInput, RotationOutcome, SessionRecord } from '@pawl/core/store';
import { newSession, rotationInput } from '../../fixtures/builders.ts';
import { readLive, type SessionTrial } from './trial.ts';

/** The outcome of a rotation of an existing session. */
export type Presented = Exclude<RotationOutcome, { kind: 'missing' }>;

/** Returns the fields that a call at `now` changes in a record. */
export type Change = (
  before: SessionRecord,
  now: number,
  input: RotationInput,
) => Partial<SessionRecord>;

const endedBy =
  (revokedReason: string): Change =>
  (_before, now, { callId }) => ({ revokedAt: now, revokedReason, revokedBy: callId });

type ChangeName =
  | 'none'
  | 'confirmed'
  | 'rotated'
  | 'replayed'
  | 'replayedLate'
  | 'struck'
  | 'regressed'
  | 'reused'
  | 'forked'
  | 'lost'
  | 'lateRun';

/** The changes that presenting a refresh token can make to a record. */
export const changes: Readonly<Record<ChangeName, Change>> = {
  none: () => ({}),
  confirmed: () => ({ confirmed: true }),
  rotated: (before, now, { next }) => ({
    ...next,
    generation: before.generation + 1,
    ring: Uint8Array.from([...before.tokenHash.subarray(0, 8), ...before.ring].slice(0, 32)),
    previousAccessHash: before.accessHash,
    confirmed: false,
    replays: 0,
    strikes: 0,
    // A generation without a late replay ends the run.
    lateRun: before.lateReplayAt === null ? 0 : before.lateRun,
    lateReplayAt: null,
    lastCallId: null,
    regressedAt: null,
    rotatedAt: now,
    lastActiveAt: Math.max(now, before.lastActiveAt),
  }),
  replayed: ({ replays }, _now, { callId }) => ({ replays: replays + 1, lastCallId: callId }),
  /** A replay after the grace period, which starts a new grace period. */
  replayedLate: ({ replays, lateRun, lateReplayAt }, now, { callId, next }) => ({
    replays: replays + 1,
    lateRun: lateReplayAt === null ? lateRun + 1 : lateRun,
    lateReplayAt: now,
    issuedAt: next.issuedAt,
    lastCallId: callId,
  }),
  struck: ({ strikes }, _now, { callId }) => ({ strikes: strikes + 1, lastCallId: callId }),
  regressed: ({ regressedAt }, now) => ({ regressedAt: regressedAt ?? now }),
  reused: endedBy('reuse_detected'),
  forked: endedBy('fork'),
  lost: endedBy('lost'),
  /** A late replay that makes `lateRun` reach `maxLateRun`. */
  lateRun: (before, now, input) => ({
    ...endedBy('reuse_detected')(before, now, input),
    lateRun: before.lateRun + 1,
  }),
};

/** Presents a refresh token, and checks the outcome, its record and the record in the store. */
export const present = async (
  t: SessionTrial,
  input: RotationInput,
  kind: RotationOutcome['kind'],
  change: Change,
): Promise<Presented> => {
  const before = await readLive(t, input.sessionId);
  const outcome = await t.store.sessions.rotate(input);
  if (outcome.kind === 'missing') throw new Error(`"missing" instead of "${kind}"`);
  t.same(outcome.kind, kind, 'the kind of the outcome');
  if (t.clock) t.same(outcome.now, t.clock.now(), "the store's time");
  checkAge(t, outcome, before);
  const expected = { ...before, ...change(before, writtenAt(t, outcome, before), input) };
  t.same(outcome.record, expected, 'the record of the outcome');
  t.same(await readLive(t, input.sessionId), expected, 'the record in the store');
  return outcome;
};

const checkAge = (
  t: SessionTrial,
  { age, now, record }: Presented,
  before: SessionRecord,
): void => {
  const since = ({ rotatedAt, lateReplayAt }: SessionRecord): number =>
    now - Math.max(rotatedAt, lateReplayAt ?? rotatedAt);
  // A call that is sent again finds the record that it wrote the first time.
  if (t.sentTwice && age === since(record)) return;
  t.same(age, since(before), 'the age of the current token');
};

/** Returns when the call wrote: on a real clock that is before it was sent again. */
const writtenAt = (t: SessionTrial, { now, record }: Presented, before: SessionRecord): number => {
  if (t.clock || !t.sentTwice) return now;
  const times = ['rotatedAt', 'lateReplayAt', 'regressedAt', 'revokedAt'] as const;
  const changed = times.find((time) => record[time] !== before[time] && record[time] !== null);
  // None differs where the write before it was in the same millisecond.
  return (changed && record[changed]) ?? Math.max(record.rotatedAt, record.lateReplayAt ?? 0);
};

/** Rotates the current token without a settle period. */
export const rotateOnce = async (
  t: SessionTrial,
  sessionId: string,
  generation: number,
): Promise<void> => {
  const input = rotationInput(sessionId, generation);
  const policy = { ...input.policy, settlePeriod: 0 };
  const { kind } = await t.store.sessions.rotate({ ...input, policy });
  if (kind !== 'rotated') throw new Error(`"${kind}" instead of "rotated" while preparing`);
};

/** Creates a session and rotates it until it has this generation. */
export const createRotatedSession = async (
  t: SessionTrial,
  generation: number,
  overrides: Partial<NewSession> = {},
): Promise<string> => {
  const session = newSession(overrides);
  await t.store.sessions.create(session);
  for (let i = 0; i < generation; i++) await rotateOnce(t, session.sessionId, i);
  return session.sessionId;
};

interface Period {
  notOver(t: SessionTrial, ms: number): Promise<number>;
  over(t: SessionTrial, ms: number, last: 'included' | 'excluded'): Promise<number>;
}

/**
 * Lets a period of `ms` since the last rotation almost end, or end, and returns the length of the period
 * to test with. An injected clock is moved by `ms`. On a real clock the test waits a moment, and the
 * returned period is so long, or so short, that it has not ended or has ended meanwhile.
 */
export const period: Period = {
  /** The last moment of the period is now, or has not come yet. */
  notOver: async (t, ms) => {
    if (!t.clock) return 3_600_000;
    await t.clock.advance(ms);
    return ms;
  },
  /** The period is over. */
  over: async (t, ms, last) => {
    await t.wait(t.clock ? ms + (last === 'included' ? 1 : 0) : 5);
    return t.clock ? ms : 1;
  },
};
