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

/** An access token as somebody presents it. */
export interface PresentedAccess extends PresentedToken {
  readonly expiresAt: number;
  readonly opaque: boolean;
}

/** Predicts the answer to an access token, and notes the use. */
export const expectUse = (
  session: ExpectedSession,
  token: PresentedAccess,
  now: Now,
  times: SessionTimes,
  touchInterval: number,
): Expectation => {
  if (now.app >= token.expiresAt) return { answer: 'ERR_TOKEN_EXPIRED', writes: false };
  const ended = endOf(session, now);
  if (ended) return { answer: ended, writes: false };
  noteActivity(session, token.generation, now, touchInterval);
  if (token.generation > session.generation) return expectNewer(session, now, times);
  const answer = isAccepted(session, token, now, times) ? 'ok' : 'ERR_TOKEN_INVALID';
  return { answer, writes: false };
};

/** Whether the access token is the session's, of a generation that is not over. */
const isAccepted = (
  session: ExpectedSession,
  { generation, refreshToken, opaque }: PresentedAccess,
  now: Now,
  times: SessionTimes,
): boolean => {
  if (generation < session.floor) return false;
  if (!opaque) return true;
  if (generation === session.generation) return refreshToken === session.current;
  // The predecessor's, for the grace period after the rotation itself.
  const previous = generation === session.generation - 1 && refreshToken === session.consumed[0];
  return previous && now.store - session.rotatedAt < times.gracePeriod;
};

/**
 * Whether the note of an activity is left to chance: a store that notes it within `find` does so
 * before the token is judged by its hash, any other after that, or beside it.
 */
export const isNoteUncertain = (
  session: ExpectedSession,
  token: PresentedToken | PresentedAccess,
  now: Now,
  times: SessionTimes,
  touchInterval: number,
): boolean => {
  if (!isNoteDue(session, token.generation, now, touchInterval)) return false;
  if ('opaque' in token) return !isAccepted(session, token, now, times);
  const foreign = token.refreshToken !== session.current;
  return token.generation === session.generation && foreign && !session.confirmed;
};

/** What a request with the session cookie must be answered. */
export interface ExpectedResumption extends Expectation {
  /** Whether the answer carries the current token, and what it is said to be. */
  readonly renewed?: 'rotated' | 'replayed';
}

/** Predicts the answer to a session token by the table of the session cookie. */
export const expectResumption = (
  session: ExpectedSession,
  presented: PresentedToken,
  now: Now,
  times: SessionTimes,
  touchInterval: number,
  canRenew: boolean,
): ExpectedResumption => {
  if (now.app >= session.expiresAt) return { answer: 'ERR_TOKEN_EXPIRED', writes: false };
  const ended = endOf(session, now);
  if (ended) return { answer: ended, writes: false };
  const { generation, refreshToken } = presented;
  noteActivity(session, generation, now, touchInterval);
  if (session.regressedAt !== null) return expectNewer(session, now, times);
  const goesOn = { answer: 'ok', writes: false } as const;
  const behind = session.generation - generation;
  if (behind === 0 && refreshToken === session.current) {
    const due = ageOf(session, now) >= times.rotateAfter;
    if (!due || !canRenew) return goesOn;
    return afterRotation(session, presented, now, times, true, canRenew);
  }
  if (behind === 1 && refreshToken === session.consumed[0]) {
    const inGrace = isInGrace(session, now, times);
    const retry = { answer: 'ERR_REFRESH_RETRY', writes: false } as const;
    if (session.floor === session.generation) {
      return inGrace ? retry : { answer: 'ERR_TOKEN_INVALID', writes: false };
    }
    if (inGrace) {
      return session.confirmed || !canRenew ? goesOn : { ...goesOn, renewed: 'replayed' };
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
  const goesOn = { ...expectation, answer: 'ok' } as const;
  switch (expectation.answer) {
    case 'rotated':
      return { ...goesOn, renewed: 'rotated' };
    case 'settled':
      return goesOn;
    case 'replayed':
      return session.confirmed || !canRenew ? goesOn : { ...goesOn, renewed: 'replayed' };
    case 'ERR_REFRESH_RETRY':
      return due ? goesOn : expectation;
    default:
      return expectation;
  }
};

/** A token that the record does not know yet, or a session that has met one. */
const expectNewer = (session: ExpectedSession, now: Now, times: SessionTimes): Expectation => {
  const since = session.regressedAt ?? now.store;
  if (now.store - since < times.regressionPeriod) {
    return { answer: 'ERR_STORE_REGRESSION', writes: false };
  }
  session.revoked = 'lost';
  return { answer: 'ERR_SESSION_REVOKED', writes: true, ends: 'lost' };
};

const noteActivity = (
  session: ExpectedSession,
  generation: number,
  now: Now,
  touchInterval: number,
): void => {
  if (generation > session.generation) {
    session.regressedAt ??= now.store;
    return;
  }
  if (!isNoteDue(session, generation, now, touchInterval)) return;
  session.lastActiveAt = Math.max(session.lastActiveAt, now.store);
  session.confirmed ||= generation === session.generation;
};

const isNoteDue = (
  session: ExpectedSession,
  generation: number,
  now: Now,
  touchInterval: number,
): boolean => {
  if (generation < session.floor || generation > session.generation) return false;
  const first = generation === session.generation && !session.confirmed;
  return first || now.store - session.lastActiveAt >= touchInterval;
};
