import type { SessionTimes } from '@pawl/core';

/**
 * The expected state of a session. The oracle implements the table of `docs/rotation.md` again, on purpose
 * without any code of the core.
 */
export interface ExpectedSession {
  readonly userId: string;
  readonly idleTimeout: number;
  /** Never changes. */
  readonly expiresAt: number;
  generation: number;
  /** The generation of the last step-up, or 0. */
  floor: number;
  confirmed: boolean;
  replays: number;
  strikes: number;
  rotatedAt: number;
  lastActiveAt: number;
  revoked: string | null;
}

/** The expected result of a call: an outcome, or the code of an error. */
export type Result =
  | 'rotated'
  | 'settled'
  | 'replayed'
  | 'ok'
  | 'ERR_REFRESH_RETRY'
  | 'ERR_REUSE_DETECTED'
  | 'ERR_SESSION_REVOKED'
  | 'ERR_SESSION_EXPIRED'
  | 'ERR_TOKEN_EXPIRED'
  | 'ERR_TOKEN_INVALID';

/** The two clocks of a deployment, in ms since the epoch. */
export interface Now {
  readonly store: number;
  readonly app: number;
}

const endOf = (session: ExpectedSession, now: Now): Result | null => {
  if (session.revoked !== null) return 'ERR_SESSION_REVOKED';
  const idle = session.lastActiveAt + session.idleTimeout;
  return now.store >= idle || now.store >= session.expiresAt ? 'ERR_SESSION_EXPIRED' : null;
};

/** Predicts the result of a refresh with the token of a generation, and updates the expected state. */
export const expectRefresh = (
  session: ExpectedSession,
  generation: number,
  now: Now,
  times: SessionTimes,
): Result => {
  if (now.app >= session.expiresAt) return 'ERR_TOKEN_EXPIRED';
  const ended = endOf(session, now);
  if (ended) return ended;
  const age = now.store - session.rotatedAt;
  if (generation === session.generation) {
    if (generation > 0 && age < times.settlePeriod) {
      session.confirmed = true;
      return 'settled';
    }
    advance(session, now);
    return 'rotated';
  }
  if (generation === session.generation - 1) return expectPredecessor(session, now, times);
  session.revoked = 'reuse_detected';
  return 'ERR_REUSE_DETECTED';
};

const expectPredecessor = (session: ExpectedSession, now: Now, times: SessionTimes): Result => {
  const age = now.store - session.rotatedAt;
  const inGrace = times.gracePeriod > 0 && age <= times.gracePeriod;
  const elevated = session.floor === session.generation;
  const replayable =
    !elevated &&
    ((inGrace && session.replays < times.maxReplays) ||
      (!session.confirmed && session.replays < times.maxUnconfirmedReplays));
  if (replayable) {
    session.replays += 1;
    if (!inGrace) session.rotatedAt = now.store;
    return 'replayed';
  }
  if (inGrace) return 'ERR_REFRESH_RETRY';
  const striking = times.strikePeriod > 0 && age <= times.strikePeriod;
  if (striking && session.strikes < times.maxReplays && (session.confirmed || elevated)) {
    session.strikes += 1;
    return 'ERR_REFRESH_RETRY';
  }
  session.revoked = 'reuse_detected';
  return 'ERR_REUSE_DETECTED';
};

/** Starts a new generation. */
const advance = (session: ExpectedSession, now: Now): void => {
  session.generation += 1;
  session.confirmed = false;
  session.replays = 0;
  session.strikes = 0;
  session.rotatedAt = now.store;
  session.lastActiveAt = Math.max(session.lastActiveAt, now.store);
};

/** Predicts the result of a step-up, and updates the expected state. */
export const expectElevation = (session: ExpectedSession, now: Now): Result => {
  const ended = endOf(session, now);
  if (ended) return ended;
  advance(session, now);
  session.floor = session.generation;
  return 'ok';
};

/** Predicts the result of a use of an access token, and records the use. */
export const expectUse = (
  session: ExpectedSession,
  token: { readonly generation: number; readonly expiresAt: number; readonly opaque: boolean },
  now: Now,
  times: SessionTimes,
  touchInterval: number,
): Result => {
  if (now.app >= token.expiresAt) return 'ERR_TOKEN_EXPIRED';
  const ended = endOf(session, now);
  if (ended) return ended;
  if (token.generation < session.floor) return 'ERR_TOKEN_INVALID';
  const current = token.generation === session.generation;
  const due = now.store - session.lastActiveAt >= touchInterval;
  if (due || (current && !session.confirmed)) {
    session.lastActiveAt = Math.max(session.lastActiveAt, now.store);
    session.confirmed ||= current;
  }
  if (!token.opaque || current) return 'ok';
  const previous = token.generation === session.generation - 1;
  const inGrace = now.store - session.rotatedAt < times.gracePeriod;
  return previous && inGrace ? 'ok' : 'ERR_TOKEN_INVALID';
};

/** Predicts the result of a write of data. */
export const expectWrite = (session: ExpectedSession, now: Now): Result =>
  endOf(session, now) ?? 'ok';

/** Predicts a revocation: returns whether this call ends the session. */
export const expectRevocation = (session: ExpectedSession, reason: string): boolean => {
  if (session.revoked !== null) return false;
  session.revoked = reason;
  return true;
};

/** Returns whether a session is in its user's list. */
export const isListed = (session: ExpectedSession, now: Now): boolean =>
  endOf(session, now) === null;
