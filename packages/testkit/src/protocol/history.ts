import assert from 'node:assert/strict';
import type { IssuedTokens } from '@pawl/core';
import type { SessionRecord } from '@pawl/core/store';

/** One concurrent operation: what was called, and what came back when. */
export interface Operation {
  readonly kind: 'refresh' | 'use' | 'revoke' | 'revoke_all' | 'write' | 'elevate';
  /** Refreshes and uses: the generation that was presented. */
  readonly generation: number | null;
  /** A code of an error, or what was achieved. `ERR_STORE_UNAVAILABLE`: nobody knows. */
  readonly answer: string;
  readonly tokens: IssuedTokens | null;
  /** The order of all invocations and answers of a run. */
  readonly invoked: number;
  readonly answered: number;
}

/** What a run began and ended with, as an observer of the store sees it. */
export interface History {
  readonly before: SessionRecord;
  readonly after: SessionRecord;
  readonly operations: readonly Operation[];
  /** Whether a store's reply was lost, or a call failed before it began. */
  readonly faults: boolean;
}

const unknown = 'ERR_STORE_UNAVAILABLE';
const revocations = new Set(['revoke', 'revoke_all']);

/** Holds the invariants I1 – I6 of `docs/rotation.md` against what happened. */
export const checkHistory = (history: History): void => {
  checkOneSuccessor(history);
  checkCause(history);
  checkRevocation(history);
  checkLifetimes(history);
  checkWrites(history);
};

/** I1: one successor per generation, and no more generations than somebody made. */
const checkOneSuccessor = ({ before, after, operations, faults }: History): void => {
  const minted = new Map<string, string>();
  for (const { tokens } of operations) {
    if (!tokens) continue;
    const generation = `${tokens.sessionId} ${generationOf(tokens)}`;
    const known = minted.get(generation) ?? tokens.refreshToken;
    assert.equal(tokens.refreshToken, known, 'I1: two live tokens of one generation');
    minted.set(generation, tokens.refreshToken);
  }
  const made = operations.filter(
    ({ kind, answer }) => answer === 'rotated' || (kind === 'elevate' && answer === 'ok'),
  ).length;
  const grown = after.generation - before.generation;
  if (faults) assert.ok(grown >= made, 'I1: a rotation was answered that did not happen');
  else assert.equal(grown, made, 'I1: a rotation happened that nobody was told of');
};

/** I2: a session ends only for a reason that somebody gave. */
const checkCause = ({ before, after, operations }: History): void => {
  if (after.revokedAt === null) return;
  const theft = operations.some(
    ({ kind, generation }) =>
      kind === 'refresh' && generation !== null && generation < before.generation,
  );
  const superseded = operations.some(({ kind }) => kind === 'elevate');
  const asked = operations.some(({ kind }) => revocations.has(kind));
  const reason = after.revokedReason;
  assert.ok(
    (reason === 'reuse_detected' && (theft || superseded)) || (reason === 'logout' && asked),
    `I2: the session ended by ${reason}, which nobody caused`,
  );
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
    assert.ok((tokens?.accessTokenExpiresAt ?? 0) <= before.expiresAt, 'I6');
  }
};

/** No write is lost, none happens twice. */
const checkWrites = ({ before, after, operations, faults }: History): void => {
  const written = operations.filter(({ kind, answer }) => kind === 'write' && answer === 'ok');
  const grown = after.dataVersion - before.dataVersion;
  const count = (JSON.parse(after.data) as { count?: number }).count ?? 0;
  assert.equal(count, after.dataVersion, 'a write was lost');
  if (faults) assert.ok(grown >= written.length, 'a write was answered that did not happen');
  else assert.equal(grown, written.length, 'a write happened that nobody was told of');
};

/** Bytes 21 … 24 of the token, in its printed form. */
const generationOf = ({ refreshToken }: IssuedTokens): number =>
  Buffer.from(refreshToken.slice(-104), 'base64url').readUInt32BE(21);
