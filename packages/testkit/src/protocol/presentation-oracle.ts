import type { SessionTimes } from '@pawl/core';
import {
  ageOf,
  type Expectation,
  type ExpectedSession,
  endOf,
  expectRotation,
  isInGrace,
  type Now,
  type PresentedToken,
} from './oracle.ts';

/** A presented access token. */
export interface PresentedAccess extends PresentedToken {
  readonly expiresAt: number;
  readonly opaque: boolean;
}

/** Predicts the result of a use of an access token, and records the use. */
export const expectUse = (
  session: ExpectedSession,
  token: PresentedAccess,
  now: Now,
  times: SessionTimes,
  touchInterval: number,
): Expectation => {
  if (now.app >= token.expiresAt) return { result: 'ERR_TOKEN_EXPIRED', writes: false };
  const ended = endOf(session, now);
  if (ended) return { result: ended, writes: false };
  recordActivity(session, token.generation, now, touchInterval);
  if (token.generation > session.generation) return expectRegression(session, now, times);
  const result = isAccepted(session, token, now, times) ? 'ok' : 'ERR_TOKEN_INVALID';
  return { result, writes: false };
};

/** Returns whether the access token belongs to a generation that is still accepted. */
const isAccepted = (
  session: ExpectedSession,
  { generation, refreshToken, opaque }: PresentedAccess,
  now: Now,
  times: SessionTimes,
): boolean => {
  if (generation < session.floor) return false;
  if (!opaque) return true;
  if (generation === session.generation) return refreshToken === session.current;
  // The previous one is accepted within the grace period after the rotation.
  const previous = generation === session.generation - 1 && refreshToken === session.consumed[0];
  return previous && now.store - session.rotatedAt < times.gracePeriod;
};

/**
 * Returns whether it is unknown if the use is recorded: a store that records it within `find` does so
 * before core compares the hash of the token; any other store does so after that.
 */
export const isActivityUncertain = (
  session: ExpectedSession,
  token: PresentedToken | PresentedAccess,
  now: Now,
  times: SessionTimes,
  touchInterval: number,
): boolean => {
  if (!isActivityDue(session, token.generation, now, touchInterval)) return false;
  if ('opaque' in token) return !isAccepted(session, token, now, times);
  const foreign = token.refreshToken !== session.current;
  return token.generation === session.generation && foreign && !session.confirmed;
};

/** The expected result of a request with the session cookie. */
export interface ExpectedResumption extends Expectation {
  /** The outcome of the returned token, if there is one. */
  readonly renewed?: 'rotated' | 'replayed';
}

/** Predicts the result for a session token by the table of the session cookie, and updates the expected state. */
export const expectResumption = (
  session: ExpectedSession,
  presented: PresentedToken,
  now: Now,
  times: SessionTimes,
  touchInterval: number,
  canRenew: boolean,
): ExpectedResumption => {
  if (now.app >= session.expiresAt) return { result: 'ERR_TOKEN_EXPIRED', writes: false };
  const ended = endOf(session, now);
  if (ended) return { result: ended, writes: false };
  const { generation, refreshToken } = presented;
  recordActivity(session, generation, now, touchInterval);
  if (session.regressedAt !== null) return expectRegression(session, now, times);
  const accepted = { result: 'ok', writes: false } as const;
  const behind = session.generation - generation;
  if (behind === 0 && refreshToken === session.current) {
    const due = ageOf(session, now) >= times.rotateAfter;
    if (!due || !canRenew) return accepted;
    return afterRotation(session, presented, now, times, true, canRenew);
  }
  if (behind === 1 && refreshToken === session.consumed[0]) {
    const inGrace = isInGrace(session, now, times);
    const retry = { result: 'ERR_REFRESH_RETRY', writes: false } as const;
    if (session.floor === session.generation) {
      return inGrace ? retry : { result: 'ERR_TOKEN_INVALID', writes: false };
    }
    if (inGrace) {
      return session.confirmed || !canRenew ? accepted : { ...accepted, renewed: 'replayed' };
    }
    const striking = times.strikePeriod > 0 && ageOf(session, now) <= times.strikePeriod;
    if (session.confirmed && striking) return retry;
  }
  return afterRotation(session, presented, now, times, false, canRenew);
};

const afterRotation = (
  session: ExpectedSession,
  presented: PresentedToken,
  now: Now,
  times: SessionTimes,
  due: boolean,
  canRenew: boolean,
): ExpectedResumption => {
  const expectation = expectRotation(session, presented, now, times);
  const accepted = { ...expectation, result: 'ok' } as const;
  switch (expectation.result) {
    case 'rotated':
      return { ...accepted, renewed: 'rotated' };
    case 'settled':
      return accepted;
    case 'replayed':
      return session.confirmed || !canRenew ? accepted : { ...accepted, renewed: 'replayed' };
    case 'ERR_REFRESH_RETRY':
      return due ? accepted : expectation;
    default:
      return expectation;
  }
};

/** Predicts the result for a token that is newer than the record, and for every token after it. */
const expectRegression = (session: ExpectedSession, now: Now, times: SessionTimes): Expectation => {
  const since = session.regressedAt ?? now.store;
  if (now.store - since < times.regressionPeriod) {
    return { result: 'ERR_STORE_REGRESSION', writes: false };
  }
  session.revoked = 'lost';
  return { result: 'ERR_SESSION_REVOKED', writes: true, ends: 'lost' };
};

const recordActivity = (
  session: ExpectedSession,
  generation: number,
  now: Now,
  touchInterval: number,
): void => {
  if (generation > session.generation) {
    session.regressedAt ??= now.store;
    return;
  }
  if (!isActivityDue(session, generation, now, touchInterval)) return;
  session.lastActiveAt = Math.max(session.lastActiveAt, now.store);
  session.confirmed ||= generation === session.generation;
};

const isActivityDue = (
  session: ExpectedSession,
  generation: number,
  now: Now,
  touchInterval: number,
): boolean => {
  if (generation < session.floor || generation > session.generation) return false;
  const first = generation === session.generation && !session.confirmed;
  return first || now.store - session.lastActiveAt >= touchInterval;
};
