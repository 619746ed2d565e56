import assert from 'node:assert/strict';
import type { PawlEvent } from '@pawl/core';
import type { SessionRecord } from '@pawl/core/store';

/** The tokens that a call returned: `resume` returns no access token. */
export interface ReturnedTokens {
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: number;
  readonly accessToken: string | null;
  readonly accessTokenExpiresAt: number;
}

/** One concurrent call, with its result and its place in the order of events. */
export interface Operation {
  readonly kind: 'refresh' | 'resume' | 'use' | 'revoke' | 'revoke_all' | 'write' | 'elevate';
  /** Of a refresh, resume or use: the generation of its token. */
  readonly generation: number | null;
  /** The outcome, or the code of the error. With `ERR_STORE_UNAVAILABLE` the effect is unknown. */
  readonly result: string;
  readonly tokens: ReturnedTokens | null;
  /** Position of the call among all calls and returns of the run. */
  readonly invoked: number;
  /** Position of the return among all calls and returns of the run. */
  readonly returned: number;
}

/** The record before and after a run, and all calls of the run. */
export interface History {
  readonly before: SessionRecord;
  readonly after: SessionRecord;
  readonly operations: readonly Operation[];
  /** The events of the run. */
  readonly events: readonly PawlEvent[];
  /** Whether a reply of the store was lost and the call was not sent again: its effect is unreported. */
  readonly repliesLost: boolean;
  /** Whether a reply was lost and the call was sent again, maybe after other calls. */
  readonly sentAgain: boolean;
}

const unknown = 'ERR_STORE_UNAVAILABLE';
const revocations = new Set(['revoke', 'revoke_all']);
const rotations = new Set(['refresh', 'resume']);

/** Checks a run against the invariants I1 – I6 of `docs/rotation.md`. */
export const checkHistory = (history: History): void => {
  checkOneSuccessor(history);
  checkCause(history);
  checkAlarms(history);
  checkRevocation(history);
  checkLifetimes(history);
  checkWrites(history);
};

/** I1: one successor per generation, and no generation that no call made. */
const checkOneSuccessor = (history: History): void => {
  const { before, after, operations, sentAgain } = history;
  const issued = new Map<number, string>();
  for (const { tokens } of operations) {
    if (!tokens) continue;
    const generation = generationOf(tokens);
    const known = issued.get(generation) ?? tokens.refreshToken;
    assert.equal(tokens.refreshToken, known, 'I1: one generation has two tokens');
    issued.set(generation, tokens.refreshToken);
  }
  const made = operations.filter(
    ({ kind, result }) => result === 'rotated' || (kind === 'elevate' && result === 'ok'),
  ).length;
  const grown = after.generation - before.generation;
  // A step-up that is sent again after its tokens were replaced is another step-up.
  const steppedUp = operations.some(({ kind }) => kind === 'elevate');
  if (mayBeUnreported(history) || (sentAgain && steppedUp)) {
    assert.ok(grown >= made, 'I1: a rotation was reported that is not in the record');
    return;
  }
  assert.equal(grown, made, 'I1: a rotation is in the record that was not reported');
};

/** Returns whether a call may have had an effect that no result reports. */
const mayBeUnreported = ({ after, repliesLost, sentAgain }: History): boolean =>
  repliesLost || (sentAgain && after.revokedAt !== null);

/** I2: a session ends only for a reason that a call gave. */
const checkCause = ({ before, after, operations }: History): void => {
  if (after.revokedAt === null) return;
  const theft = operations.some(
    ({ kind, generation }) =>
      rotations.has(kind) && generation !== null && generation < before.generation,
  );
  const requested = operations.some(({ kind }) => revocations.has(kind));
  const reason = after.revokedReason;
  assert.ok(
    (reason === 'reuse_detected' && theft) || (reason === 'logout' && requested),
    `I2: the session ended with ${reason}, which no call caused`,
  );
};

/** Checks that the call that ended the session reports the alarm once, even if it was sent again. */
const checkAlarms = ({ after, events, repliesLost }: History): void => {
  const reported = events.filter(({ type }) => type === 'reuse.detected').length;
  const due = after.revokedReason === 'reuse_detected' ? 1 : 0;
  if (repliesLost) assert.ok(reported <= due, 'an alarm was reported without a cause');
  else assert.equal(reported, due, 'each alarm is reported once');
  for (const event of events) {
    if (event.type !== 'session.refused' || event.reason !== 'revoked') continue;
    assert.equal(event.cause, after.revokedReason, 'a refusal reports the cause');
  }
};

/** I3: no call is accepted that begins after a revocation has returned. */
const checkRevocation = ({ after, operations }: History): void => {
  const acknowledged = operations
    .filter(({ kind, result }) => revocations.has(kind) && result !== unknown)
    .map(({ returned }) => returned);
  if (acknowledged.length === 0) return;
  assert.notEqual(after.revokedAt, null, 'I3: an acknowledged revocation was lost');
  const first = Math.min(...acknowledged);
  for (const { kind, invoked, result } of operations) {
    if (invoked < first || revocations.has(kind)) continue;
    assert.match(result, /^ERR_/, `I3: ${kind} was accepted after a revocation`);
  }
};

/** I5 and I6: the session keeps its user and its expiry. */
const checkLifetimes = ({ before, after, operations }: History): void => {
  assert.equal(after.sessionId, before.sessionId, 'I5');
  assert.equal(after.userId, before.userId, 'I5');
  assert.equal(after.expiresAt, before.expiresAt, 'I6');
  assert.equal(after.idleTimeout, before.idleTimeout, 'I6');
  assert.ok(after.lastActiveAt >= before.lastActiveAt, 'I6: the last activity moved back');
  for (const { tokens } of operations) {
    if (!tokens) continue;
    assert.ok(tokens.accessTokenExpiresAt <= before.expiresAt, 'I6');
    assert.ok(tokens.refreshTokenExpiresAt <= before.expiresAt, 'I6');
  }
};

/** No write is lost and none is applied twice. */
const checkWrites = (history: History): void => {
  const { before, after, operations } = history;
  const written = operations.filter(({ kind, result }) => kind === 'write' && result === 'ok');
  const grown = after.dataVersion - before.dataVersion;
  const count = (JSON.parse(after.data) as { count?: number }).count ?? 0;
  assert.equal(count, after.dataVersion, 'a write was lost');
  if (mayBeUnreported(history))
    assert.ok(grown >= written.length, 'a write was reported that is not in the record');
  else assert.equal(grown, written.length, 'a write is in the record that was not reported');
};

/** Reads the generation from bytes 21 to 24 of the token. */
const generationOf = ({ refreshToken }: Pick<ReturnedTokens, 'refreshToken'>): number =>
  Buffer.from(refreshToken.slice(-104), 'base64url').readUInt32BE(21);
