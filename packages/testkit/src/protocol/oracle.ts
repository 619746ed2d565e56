import type { SessionTimes } from '@pawl/core';

/**
 * What a session must be like, kept by hand: written from the tables of
 * `docs/rotation.md` alone, on purpose without a line of the core's own decision.
 */
export interface ExpectedSession {
  readonly userId: string;
  readonly idleTimeout: number;
  /** Never changes. */
  readonly expiresAt: number;
  generation: number;
  /** The current refresh token as it is printed, or a name for it until somebody has seen it. */
  current: string;
  /** The last four consumed ones, newest first. */
  consumed: string[];
  /** The generation of the last step-up, or 0. */
  floor: number;
  confirmed: boolean;
  replays: number;
  strikes: number;
  /** In how many generations in a row there was a late replay, up to this one. */
  lateRun: number;
  /** The last late replay of this generation; null: none yet. */
  lateReplayAt: number | null;
  rotatedAt: number;
  lastActiveAt: number;
  /** When a token was seen that the record does not know yet; null: never. */
  regressedAt: number | null;
  revoked: string | null;
  dataVersion: number;
  /** Whether the store has lost it altogether. */
  missing: boolean;
}

export type Answer =
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

/** What must come back, and whether the store is told to change something for it. */
export interface Expectation {
  readonly answer: Answer;
  /** Whether a verb of the store is called whose reply can be lost. */
  readonly writes: boolean;
  /** Whether this very call must tell that the session ended by an alarm. */
  readonly ends?: 'reuse_detected' | 'fork' | 'lost';
}

/** A refresh token as somebody presents it. */
export interface PresentedToken {
  readonly generation: number;
  readonly refreshToken: string;
}

/** The two clocks of a deployment, in ms. */
export interface Now {
  readonly store: number;
  readonly app: number;
}

/** Why a session is not live, or null. */
export const endOf = (session: ExpectedSession, now: Now): Answer | null => {
  if (session.missing) return 'ERR_SESSION_NOT_FOUND';
  if (session.revoked !== null) return 'ERR_SESSION_REVOKED';
  const idle = session.lastActiveAt + session.idleTimeout;
  return now.store >= idle || now.store >= session.expiresAt ? 'ERR_SESSION_EXPIRED' : null;
};

/** Predicts the answer to a refresh token, and moves the expectation on. */
export const expectRefresh = (
  session: ExpectedSession,
  presented: PresentedToken,
  now: Now,
  times: SessionTimes,
): Expectation => {
  // In the process: an outlived token costs no store call.
  if (now.app >= session.expiresAt) return { answer: 'ERR_TOKEN_EXPIRED', writes: false };
  const expectation = expectRotation(session, presented, now, times);
  const { answer } = expectation;
  const handsOut = answer === 'rotated' || answer === 'settled' || answer === 'replayed';
  // Access tokens count in seconds: there is none for what is left of the last one.
  const left = now.app + session.lastActiveAt + session.idleTimeout - now.store;
  const tooShort = Math.floor(left / 1_000) <= Math.floor(now.app / 1_000);
  return handsOut && tooShort ? { ...expectation, answer: 'ERR_SESSION_EXPIRED' } : expectation;
};

/** The table of rotation, line by line. */
export const expectRotation = (
  session: ExpectedSession,
  { generation, refreshToken }: PresentedToken,
  now: Now,
  times: SessionTimes,
): Expectation => {
  const told = (answer: Answer): Expectation => ({ answer, writes: true });
  const ended = endOf(session, now);
  if (ended) return told(ended);
  if (session.regressedAt !== null) {
    if (now.store - session.regressedAt < times.regressionPeriod)
      return told('ERR_STORE_REGRESSION');
    return end(session, 'lost');
  }
  const behind = session.generation - generation;
  if (behind < 0) {
    session.regressedAt = now.store;
    return told('ERR_STORE_REGRESSION');
  }
  const known = behind === 0 ? session.current : session.consumed[behind - 1];
  if (behind <= 4 && known !== refreshToken) {
    const recent = now.store - session.rotatedAt < times.regressionPeriod;
    if (session.generation === 0 || (session.confirmed && !recent)) return end(session, 'fork');
    session.regressedAt = now.store;
    return told('ERR_STORE_REGRESSION');
  }
  if (behind === 0) {
    if (session.generation > 0 && ageOf(session, now) < times.settlePeriod) {
      session.confirmed = true;
      return told('settled');
    }
    advance(session, now);
    return told('rotated');
  }
  if (generation < session.floor) {
    return told(isInGrace(session, now, times) ? 'ERR_REFRESH_RETRY' : 'ERR_TOKEN_INVALID');
  }
  return behind === 1 ? expectPredecessor(session, now, times) : end(session, 'reuse_detected');
};

const expectPredecessor = (
  session: ExpectedSession,
  now: Now,
  times: SessionTimes,
): Expectation => {
  const told = (answer: Answer): Expectation => ({ answer, writes: true });
  if (isInGrace(session, now, times)) {
    const unused = !session.confirmed && session.replays < times.maxUnconfirmedReplays;
    if (!unused && session.replays >= times.maxReplays) return told('ERR_REFRESH_RETRY');
    session.replays += 1;
    return told('replayed');
  }
  if (!session.confirmed && session.replays < times.maxUnconfirmedReplays) {
    if (session.lateReplayAt === null) {
      session.lateRun += 1;
      if (session.lateRun >= times.maxLateRun) return end(session, 'reuse_detected');
    }
    session.replays += 1;
    session.lateReplayAt = now.store;
    return told('replayed');
  }
  const striking = times.strikePeriod > 0 && ageOf(session, now) <= times.strikePeriod;
  if (session.confirmed && striking && session.strikes < times.maxReplays) {
    session.strikes += 1;
    return told('ERR_REFRESH_RETRY');
  }
  return end(session, 'reuse_detected');
};

/** From the rotation, or from the last late replay, on. */
export const ageOf = ({ rotatedAt, lateReplayAt }: ExpectedSession, now: Now): number =>
  now.store - Math.max(rotatedAt, lateReplayAt ?? rotatedAt);

export const isInGrace = (session: ExpectedSession, now: Now, times: SessionTimes): boolean =>
  times.gracePeriod > 0 && ageOf(session, now) <= times.gracePeriod;

const end = (session: ExpectedSession, reason: 'reuse_detected' | 'fork' | 'lost'): Expectation => {
  session.revoked = reason;
  const answer = reason === 'lost' ? 'ERR_SESSION_REVOKED' : 'ERR_REUSE_DETECTED';
  return { answer, writes: true, ends: reason };
};

let unseen = 0;

export const isUnseen = (token: string): boolean => token.startsWith('unseen ');

/** A new generation begins. */
const advance = (session: ExpectedSession, now: Now): void => {
  session.generation += 1;
  session.consumed = [session.current, ...session.consumed].slice(0, 4);
  session.current = `unseen ${++unseen}`;
  session.confirmed = false;
  session.replays = 0;
  session.strikes = 0;
  if (session.lateReplayAt === null) session.lateRun = 0;
  session.lateReplayAt = null;
  session.regressedAt = null;
  session.rotatedAt = now.store;
  session.lastActiveAt = Math.max(session.lastActiveAt, now.store);
};

/** Predicts a step-up. */
export const expectElevation = (session: ExpectedSession, now: Now): Expectation => {
  const ended = endOf(session, now);
  if (ended) return { answer: ended, writes: false };
  advance(session, now);
  session.floor = session.generation;
  return { answer: 'ok', writes: true };
};

/** Predicts a write of data. */
export const expectWrite = (session: ExpectedSession, now: Now): Expectation => {
  const ended = endOf(session, now);
  if (ended) return { answer: ended, writes: false };
  session.dataVersion += 1;
  return { answer: 'ok', writes: true };
};

/** Predicts a revocation: what the call that asks for it must be told. */
export const expectRevocation = (
  session: ExpectedSession,
  reason: string,
): 'revoked' | 'already_revoked' | 'missing' => {
  if (session.missing) return 'missing';
  if (session.revoked !== null) return 'already_revoked';
  session.revoked = reason;
  return 'revoked';
};

/** Whether a session is in its user's list. */
export const isListed = (session: ExpectedSession, now: Now): boolean =>
  endOf(session, now) === null;
