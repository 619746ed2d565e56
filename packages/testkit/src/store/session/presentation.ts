import type { NewSession, RotationInput, RotationOutcome, SessionRecord } from '@pawl/core/store';
import { newSession, rotationInput } from '../../fixtures/builders.ts';
import { readLive, type SessionTrial } from './trial.ts';

/** The outcome of a rotation of an existing session. */
export type Presented = Exclude<RotationOutcome, { kind: 'missing' }>;

/** Returns the fields that change in a record. */
export type Change = (before: SessionRecord, now: number) => Partial<SessionRecord>;

/** The changes that presenting a refresh token can make to a record. */
export const changes: Readonly<
  Record<'none' | 'confirmed' | 'replayed' | 'struck' | 'reused' | 'forked', Change>
> = {
  none: () => ({}),
  confirmed: () => ({ confirmed: true }),
  replayed: ({ replays }) => ({ replays: replays + 1 }),
  struck: ({ strikes }) => ({ strikes: strikes + 1 }),
  reused: (_before, now) => ({ revokedAt: now, revokedReason: 'reuse_detected' }),
  forked: (_before, now) => ({ revokedAt: now, revokedReason: 'fork' }),
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
  t.same(outcome.age, outcome.now - before.rotatedAt, 'the age of the last rotation');
  const expected = { ...before, ...change(before, outcome.now) };
  t.same(outcome.record, expected, 'the record of the outcome');
  t.same(await readLive(t, input.sessionId), expected, 'the record in the store');
  return outcome;
};

/** The change if `input` is a replay after the grace period, which starts a new grace period. */
export const lateReplayChange =
  ({ next }: RotationInput): Change =>
  ({ replays }, now) => ({
    replays: replays + 1,
    rotatedAt: now,
    issuedAt: next.issuedAt,
  });

/** The change if the token of `input` is rotated. */
export const rotationChange =
  ({ next }: RotationInput): Change =>
  (before, now) => ({
    ...next,
    generation: before.generation + 1,
    ring: Uint8Array.from([...before.tokenHash.subarray(0, 8), ...before.ring].slice(0, 32)),
    previousAccessHash: before.accessHash,
    confirmed: false,
    replays: 0,
    strikes: 0,
    rotatedAt: now,
    lastActiveAt: Math.max(now, before.lastActiveAt),
  });

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
