import type { NewSession, RotationInput, RotationOutcome, SessionRecord } from '@pawl/core/store';
import { newSession, rotationInput } from '../../fixtures/builders.ts';
import { readLive, type SessionTrial } from './trial.ts';

/** What the store answered for a session that exists. */
export type Presented = Exclude<RotationOutcome, { kind: 'missing' }>;

/** What is different in a record after a call that the store carried out at `now`. */
export type Change = (
  before: SessionRecord,
  now: number,
  request: RotationInput,
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

/** Every kind of change that presenting a refresh token can make to a record. */
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
  /** A replay past the grace period, which begins anew with it. */
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
  /** The late replay that makes the run of them too long. */
  lateRun: (before, now, request) => ({
    ...endedBy('reuse_detected')(before, now, request),
    lateRun: before.lateRun + 1,
  }),
};

/**
 * Presents a token, and holds what is returned, the record in it and the record in
 * the store to what they must be.
 */
export const present = async (
  t: SessionTrial,
  request: RotationInput,
  kind: RotationOutcome['kind'],
  change: Change,
): Promise<Presented> => {
  const before = await readLive(t, request.sessionId);
  const outcome = await t.store.sessions.rotate(request);
  if (outcome.kind === 'missing') throw new Error(`"missing" instead of "${kind}"`);
  t.same(outcome.kind, kind, 'the outcome');
  if (t.clock) t.same(outcome.now, t.clock.now(), "the store's time");
  checkAge(t, outcome, before);
  const expected = { ...before, ...change(before, writtenAt(t, outcome, before), request) };
  t.same(outcome.record, expected, 'the record that was returned');
  t.same(await readLive(t, request.sessionId), expected, 'the record in the store');
  return outcome;
};

const checkAge = (
  t: SessionTrial,
  { age, now, record }: Presented,
  before: SessionRecord,
): void => {
  const since = ({ rotatedAt, lateReplayAt }: SessionRecord): number =>
    now - Math.max(rotatedAt, lateReplayAt ?? rotatedAt);
  // A call that is sent again finds the record that it has written.
  if (t.sentTwice && age === since(record)) return;
  t.same(age, since(before), 'the age of the current token');
};

/** When the call was carried out: on a real clock, that is before it was sent again. */
const writtenAt = (t: SessionTrial, { now, record }: Presented, before: SessionRecord): number => {
  if (t.clock || !t.sentTwice) return now;
  const times = ['rotatedAt', 'lateReplayAt', 'regressedAt', 'revokedAt'] as const;
  const changed = times.find((time) => record[time] !== before[time] && record[time] !== null);
  return (changed && record[changed]) ?? now;
};

/** Consumes the current token, however young it is. */
export const rotateOnce = async (
  t: SessionTrial,
  sessionId: string,
  generation: number,
): Promise<void> => {
  const request = rotationInput(sessionId, generation);
  const policy = { ...request.policy, settlePeriod: 0 };
  const { kind } = await t.store.sessions.rotate({ ...request, policy });
  if (kind !== 'rotated') throw new Error(`"${kind}" instead of "rotated" while preparing`);
};

/** Stores a session that has been rotated so often. */
export const sessionOf = async (
  t: SessionTrial,
  generation: number,
  overrides: Partial<NewSession> = {},
): Promise<string> => {
  const session = newSession(overrides);
  await t.store.sessions.create(session);
  for (let i = 0; i < generation; i++) await rotateOnce(t, session.sessionId, i);
  return session.sessionId;
};

interface PeriodEnding {
  later(t: SessionTrial, ms: number): Promise<number>;
  before(t: SessionTrial, ms: number, last: 'included' | 'excluded'): Promise<number>;
}

/**
 * A period that ends `ms` after the last rotation: with an injected clock the
 * clock moves there; a real one waits a moment, and the period is chosen so
 * that it ended meanwhile. Answers the period to ask for.
 */
export const periodEnding: PeriodEnding = {
  /** The last moment of a period of `ms` has not come yet. */
  later: async (t, ms) => {
    if (!t.clock) return 3_600_000;
    await t.clock.advance(ms);
    return ms;
  },
  /** A period of `ms` is over. */
  before: async (t, ms, last) => {
    await t.wait(t.clock ? ms + (last === 'included' ? 1 : 0) : 5);
    return t.clock ? ms : 1;
  },
};
