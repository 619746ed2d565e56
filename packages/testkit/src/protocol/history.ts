import assert from 'node:assert/strict';
import type { PawlEvent } from '@pawl/core';
import type { SessionRecord } from '@pawl/core/store';

/** Tokens that an operation was given: a cookie comes without an access token. */
export interface HandedOut {
  readonly refreshToken: string;
  readonly refreshTokenExpiresAt: number;
  readonly accessToken: string | null;
  readonly accessTokenExpiresAt: number;
}

/** One concurrent operation: what was called, and what came back when. */
export interface Operation {
  readonly kind: 'refresh' | 'resume' | 'use' | 'revoke' | 'revoke_all' | 'write' | 'elevate';
  /** Refreshes, resumptions and uses: the generation that was presented. */
  readonly generation: number | null;
  /** A code of an error, or what was achieved. `ERR_STORE_UNAVAILABLE`: nobody knows. */
  readonly answer: string;
  readonly tokens: HandedOut | null;
  /** The order of all invocations and answers of a run. */
  readonly invoked: number;
  readonly answered: number;
}

/** What a run began and ended with, as an observer of the store sees it. */
export interface History {
  readonly before: SessionRecord;
  readonly after: SessionRecord;
  readonly operations: readonly Operation[];
  /** What was told meanwhile. */
  readonly events: readonly PawlEvent[];
  /** Whether a store's reply was lost for good: what it has done, nobody was told. */
  readonly repliesLost: boolean;
  /** Whether one was lost, and the call sent again: it may have come too late. */
  readonly sentAgain: boolean;
}

const unknown = 'ERR_STORE_UNAVAILABLE';
const revocations = new Set(['revoke', 'revoke_all']);
const rotations = new Set(['refresh', 'resume']);

/** Holds the invariants I1 – I6 of `docs/rotation.md` against what happened. */
export const checkHistory = (history: History): void => {
  checkOneSuccessor(history);
  checkCause(history);
  checkAlarms(history);
  checkRevocation(history);
  checkLifetimes(history);
  checkWrites(history);
};

/** I1: one successor per generation, and no more generations than somebody made. */
const checkOneSuccessor = (history: History): void => {
  const { before, after, operations, sentAgain } = history;
  const minted = new Map<number, string>();
  for (const { tokens } of operations) {
    if (!tokens) continue;
    const generation = generationOf(tokens);
    const known = minted.get(generation) ?? tokens.refreshToken;
    assert.equal(tokens.refreshToken, known, 'I1: two live tokens of one generation');
    minted.set(generation, tokens.refreshToken);
  }
  const made = operations.filter(
    ({ kind, answer }) => answer === 'rotated' || (kind === 'elevate' && answer === 'ok'),
  ).length;
  const grown = after.generation - before.generation;
  // A step-up that is sent again when its tokens are replaced already is another one.
  const steppedUp = operations.some(({ kind }) => kind === 'elevate');
  if (mayBeUntold(history) || (sentAgain && steppedUp)) {
    assert.ok(grown >= made, 'I1: a rotation was answered that did not happen');
    return;
  }
  assert.equal(grown, made, 'I1: a rotation happened that nobody was told of');
};

/** Whether something may have happened that nobody was told of: who asks again learns of an end. */
const mayBeUntold = ({ after, repliesLost, sentAgain }: History): boolean =>
  repliesLost || (sentAgain && after.revokedAt !== null);

/** I2: a session ends only for a reason that somebody gave. */
const checkCause = ({ before, after, operations }: History): void => {
  if (after.revokedAt === null) return;
  const theft = operations.some(
    ({ kind, generation }) =>
      rotations.has(kind) && generation !== null && generation < before.generation,
  );
  const asked = operations.some(({ kind }) => revocations.has(kind));
  const reason = after.revokedReason;
  assert.ok(
    (reason === 'reuse_detected' && theft) || (reason === 'logout' && asked),
    `I2: the session ended by ${reason}, which nobody caused`,
  );
};

/** An end by an alarm is told: by the call that brought it, however often that was sent. */
const checkAlarms = ({ after, events, repliesLost }: History): void => {
  const told = events.filter(({ type }) => type === 'reuse.detected').length;
  const due = after.revokedReason === 'reuse_detected' ? 1 : 0;
  if (repliesLost) assert.ok(told <= due, 'an alarm was told of nothing');
  else assert.equal(told, due, 'each alarm is told once');
  for (const event of events) {
    if (event.type !== 'session.refused' || event.reason !== 'revoked') continue;
    assert.equal(event.cause, after.revokedReason, 'who is refused is told why');
  }
};

/** I3: nothing that was called after a revocation was acknowledged is accepted. */
const checkRevocation = ({ after, operations }: History): void => {
  const acknowledged = operations
    .filter(({ kind, answer }) => revocations.has(kind) && answer !== unknown)
    .map(({ answered }) => answered);
  if (acknowledged.length === 0) return;
  assert.notEqual(after.revokedAt, null, 'I3: an acknowledged revocation was lost');
  const first = Math.min(...acknowledged);
  for (const { kind, invoked, answer } of operations) {
    if (invoked < first || revocations.has(kind)) continue;
    assert.match(answer, /^ERR_/, `I3: ${kind} was accepted after the revocation`);
  }
};

/** I5 and I6: the same session of the same user, that ends when it was always to end. */
const checkLifetimes = ({ before, after, operations }: History): void => {
  assert.equal(after.sessionId, before.sessionId, 'I5');
  assert.equal(after.userId, before.userId, 'I5');
  assert.equal(after.expiresAt, before.expiresAt, 'I6');
  assert.equal(after.idleTimeout, before.idleTimeout, 'I6');
  assert.ok(after.lastActiveAt >= before.lastActiveAt, 'I6: activity was undone');
  for (const { tokens } of operations) {
    if (!tokens) continue;
    assert.ok(tokens.accessTokenExpiresAt <= before.expiresAt, 'I6');
    assert.ok(tokens.refreshTokenExpiresAt <= before.expiresAt, 'I6');
  }
};

/** No write is lost, none happens twice. */
const checkWrites = (history: History): void => {
  const { before, after, operations } = history;
  const written = operations.filter(({ kind, answer }) => kind === 'write' && answer === 'ok');
  const grown = after.dataVersion - before.dataVersion;
  const count = (JSON.parse(after.data) as { count?: number }).count ?? 0;
  assert.equal(count, after.dataVersion, 'a write was lost');
  if (mayBeUntold(history))
    assert.ok(grown >= written.length, 'a write was answered that did not happen');
  else assert.equal(grown, written.length, 'a write happened that nobody was told of');
};

/** Bytes 21 … 24 of the token, in its printed form. */
export const generationOf = ({ refreshToken }: Pick<HandedOut, 'refreshToken'>): number =>
  Buffer.from(refreshToken.slice(-104), 'base64url').readUInt32BE(21);
