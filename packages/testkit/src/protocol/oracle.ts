import type { SessionTimes } from '@pawl/core';

/**
 * The expected state of a session. The oracle implements the tables of `docs/rotation.md` again, on purpose
 * without any code of the core.
 */
export interface ExpectedSession {
  readonly userId: string;
  readonly idleTimeout: number;
  /** Never changes. */
  readonly expiresAt: number;
  generation: number;
  /** The current refresh token, or a placeholder while no reply with it has arrived. */
  current: string;
  /** The last four consumed refresh tokens, newest first. */
  consumed: string[];
  /** The generation of the last step-up, or 0. */
  floor: number;
  confirmed: boolean;
  replays: number;
  strikes: number;
  /** How many generations in a row, the current one included, had a late replay. */
  lateRun: number;
  /** When the last late replay of the current generation happened; null if there was none. */
  lateReplayAt: number | null;
  rotatedAt: number;
  lastActiveAt: number;
  /** When a token that is newer than the record was first seen; null if none was. */
  regressedAt: number | null;
  revoked: string | null;
  dataVersion: number;
  /** Whether the store has lost the whole session. */
  missing: boolean;
}

/** The expected result of a call: an outcome, or the code of an error. */
export type Result =
  | 'rotated'
  | 'settled'
  | 'replayed'
  | 'ok'
  | 'ERR_REFRESH_RETRY'
  | 'ERR_REUSE_DETECTED'
  | 'ERR_SESSION_NOT_FOUND'
  | 'ERR_SESSION_REVOKED'
  | 'ERR_SESSION_EXPIRED'
  | 'ERR_STORE_REGRESSION'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_TOKEN_INVALID';

/** The expected result of a call, and its effects. */
export interface Expectation {
  readonly result: Result;
  /** Whether the call makes a store call whose reply can be lost. */
  readonly writes: boolean;
  /** The alarm that this call must report, if it ends the session. */
  readonly ends?: 'reuse_detected' | 'fork' | 'lost';
}

/** A presented refresh token. */
export interface PresentedToken {
  readonly generation: number;
  readonly refreshToken: string;
}

/** The two clocks of a deployment, in ms since the epoch. */
export interface Now {
  readonly store: number;
  readonly app: number;
}

/** Returns the error for a session that is not live, or null. */
export const endOf = (session: ExpectedSession, now: Now): Result | null => {
  if (session.missing) return 'ERR_SESSION_NOT_FOUND';
  if (session.revoked !== null) return 'ERR_SESSION_REVOKED';
  const idle = session.lastActiveAt + session.idleTimeout;
  return now.store >= idle || now.store >= session.expiresAt ? 'ERR_SESSION_EXPIRED' : null;
};

/** Predicts the result of a refresh with the token, and updates the expected state. */
export const expectRefresh = (
  session: ExpectedSession,
  presented: PresentedToken,
  now: Now,
  times: SessionTimes,
): Expectation => {
  // An expired token is refused without a store call.
  if (now.app >= session.expiresAt) return { result: 'ERR_TOKEN_EXPIRED', writes: false };
  const expectation = expectRotation(session, presented, now, times);
  const { result } = expectation;
  const issued = result === 'rotated' || result === 'settled' || result === 'replayed';
  // Access tokens count in whole seconds: less than one second is left of the session.
  const left = now.app + session.lastActiveAt + session.idleTimeout - now.store;
  const tooShort = Math.floor(left / 1_000) <= Math.floor(now.app / 1_000);
  return issued && tooShort ? { ...expectation, result: 'ERR_SESSION_EXPIRED' } : expectation;
};

/** The expectation of a call that the store decides. */
const decided = (result: Result): Expectation => ({ result, writes: true });

/** Predicts the outcome of a rotation, by the table of `docs/rotation.md`, and updates the expected state. */
export const expectRotation = (
  session: ExpectedSession,
  { generation, refreshToken }: PresentedToken,
  now: Now,
  times: SessionTimes,
): Expectation => {
  const ended = endOf(session, now);
  if (ended) return decided(ended);
  if (session.regressedAt !== null) {
    if (now.store - session.regressedAt < times.regressionPeriod)
      return decided('ERR_STORE_REGRESSION');
    return end(session, 'lost');
  }
  const behind = session.generation - generation;
  if (behind < 0) {
    session.regressedAt = now.store;
    return decided('ERR_STORE_REGRESSION');
  }
  const known = behind === 0 ? session.current : session.consumed[behind - 1];
  if (behind <= 4 && known !== refreshToken) {
    const recent = now.store - session.rotatedAt < times.regressionPeriod;
    if (session.generation === 0 || (session.confirmed && !recent)) return end(session, 'fork');
    session.regressedAt = now.store;
    return decided('ERR_STORE_REGRESSION');
  }
  if (behind === 0) {
    if (session.generation > 0 && ageOf(session, now) < times.settlePeriod) {
      session.confirmed = true;
      return decided('settled');
    }
    advance(session, now);
    return decided('rotated');
  }
  if (generation < session.floor) {
    return decided(isInGrace(session, now, times) ? 'ERR_REFRESH_RETRY' : 'ERR_TOKEN_INVALID');
  }
  return behind === 1 ? expectPredecessor(session, now, times) : end(session, 'reuse_detected');
};

const expectPredecessor = (
  session: ExpectedSession,
  now: Now,
  times: SessionTimes,
): Expectation => {
  if (isInGrace(session, now, times)) {
    const unused = !session.confirmed && session.replays < times.maxUnconfirmedReplays;
    if (!unused && session.replays >= times.maxReplays) return decided('ERR_REFRESH_RETRY');
    session.replays += 1;
    return decided('replayed');
  }
  if (!session.confirmed && session.replays < times.maxUnconfirmedReplays) {
    if (session.lateReplayAt === null) {
      session.lateRun += 1;
      if (session.lateRun >= times.maxLateRun) return end(session, 'reuse_detected');
    }
    session.replays += 1;
    session.lateReplayAt = now.store;
    return decided('replayed');
  }
  const striking = times.strikePeriod > 0 && ageOf(session, now) <= times.strikePeriod;
  if (session.confirmed && striking && session.strikes < times.maxReplays) {
    session.strikes += 1;
    return decided('ERR_REFRESH_RETRY');
  }
  return end(session, 'reuse_detected');
};

/** In ms: the time since the rotation, or since the last late replay. */
export const ageOf = ({ rotatedAt, lateReplayAt }: ExpectedSession, now: Now): number =>
  now.store - Math.max(rotatedAt, lateReplayAt ?? rotatedAt);

export const isInGrace = (session: ExpectedSession, now: Now, times: SessionTimes): boolean =>
  times.gracePeriod > 0 && ageOf(session, now) <= times.gracePeriod;

const end = (session: ExpectedSession, reason: 'reuse_detected' | 'fork' | 'lost'): Expectation => {
  session.revoked = reason;
  const result = reason === 'lost' ? 'ERR_SESSION_REVOKED' : 'ERR_REUSE_DETECTED';
  return { result, writes: true, ends: reason };
};

let placeholders = 0;

export const isPlaceholder = (token: string): boolean => token.startsWith('placeholder ');

/** Starts a new generation. */
const advance = (session: ExpectedSession, now: Now): void => {
  session.generation += 1;
  session.consumed = [session.current, ...session.consumed].slice(0, 4);
  session.current = `placeholder ${++placeholders}`;
  session.confirmed = false;
  session.replays = 0;
  session.strikes = 0;
  if (session.lateReplayAt === null) session.lateRun = 0;
  session.lateReplayAt = null;
  session.regressedAt = null;
  session.rotatedAt = now.store;
  session.lastActiveAt = Math.max(session.lastActiveAt, now.store);
};

/** Predicts the result of a step-up, and updates the expected state. */
export const expectElevation = (session: ExpectedSession, now: Now): Expectation => {
  const ended = endOf(session, now);
  if (ended) return { result: ended, writes: false };
  advance(session, now);
  session.floor = session.generation;
  return { result: 'ok', writes: true };
};

/** Predicts the result of a write of data, and updates the expected state. */
export const expectWrite = (session: ExpectedSession, now: Now): Expectation => {
  const ended = endOf(session, now);
  if (ended) return { result: ended, writes: false };
  session.dataVersion += 1;
  return { result: 'ok', writes: true };
};

/** Predicts the result of a revocation, and updates the expected state. */
export const expectRevocation = (
  session: ExpectedSession,
  reason: string,
): 'revoked' | 'already_revoked' | 'missing' => {
  if (session.missing) return 'missing';
  if (session.revoked !== null) return 'already_revoked';
  session.revoked = reason;
  return 'revoked';
};

/** Returns whether a session is in its user's list. */
export const isListed = (session: ExpectedSession, now: Now): boolean =>
  endOf(session, now) === null;
