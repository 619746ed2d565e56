import assert from 'node:assert/strict';
import type { IssuedTokens } from '@pawl/core';
import type { SessionRecord } from '@pawl/core/store';

/** One concurrent call, with its result and its place in the order of events. */
export interface Operation {
  readonly kind: 'refresh' | 'use' | 'revoke' | 'revoke_all' | 'write' | 'elevate';
  /** Of a refresh or use: the generation of its token. */
  readonly generation: number | null;
  /** The outcome, or the code of the error. With `ERR_STORE_UNAVAILABLE` the effect is unknown. */
  readonly result: string;
  readonly tokens: IssuedTokens | null;
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
  /** Whether a reply of the store was lost or a call was not sent. */
  readonly faults: boolean;
}

const unknown = 'ERR_STORE_UNAVAILABLE';
const revocations = new Set(['revoke', 'revoke_all']);

/** Checks a run against the invariants I1 – I6 of `docs/rotation.md`. */
export const checkHistory = (history: History): void => {
  checkOneSuccessor(history);
  checkCause(history);
  checkRevocation(history);
  checkLifetimes(history);
  checkWrites(history);
};

/** I1: one successor per generation, and no generation that no call made. */
const checkOneSuccessor = ({ before, after, operations, faults }: History): void => {
  const minted = new Map<string, string>();
  for (const { tokens } of operations) {
    if (!tokens) continue;
    const generation = `${tokens.sessionId} ${generationOf(tokens)}`;
    const known = minted.get(generation) ?? tokens.refreshToken;
    assert.equal(tokens.refreshToken, known, 'I1: one generation has two tokens');
    minted.set(generation, tokens.refreshToken);
  }
  const made = operations.filter(
    ({ kind, result }) => result === 'rotated' || (kind === 'elevate' && result === 'ok'),
  ).length;
  const grown = after.generation - before.generation;
  if (faults) assert.ok(grown >= made, 'I1: a rotation was reported that is not in the record');
  else assert.equal(grown, made, 'I1: a rotation is in the record that was not reported');
};

/** I2: a session ends only for a reason that a call gave. */
const checkCause = ({ before, after, operations }: History): void => {
  if (after.revokedAt === null) return;
  const theft = operations.some(
    ({ kind, generation }) =>
      kind === 'refresh' && generation !== null && generation < before.generation,
  );
  const superseded = operations.some(({ kind }) => kind === 'elevate');
  const requested = operations.some(({ kind }) => revocations.has(kind));
  const reason = after.revokedReason;
  assert.ok(
    (reason === 'reuse_detected' && (theft || superseded)) || (reason === 'logout' && requested),
    `I2: the session ended with ${reason}, which no call caused`,
  );
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
    assert.ok((tokens?.accessTokenExpiresAt ?? 0) <= before.expiresAt, 'I6');
  }
};

/** No write is lost and none is applied twice. */
const checkWrites = ({ before, after, operations, faults }: History): void => {
  const written = operations.filter(({ kind, result }) => kind === 'write' && result === 'ok');
  const grown = after.dataVersion - before.dataVersion;
  const count = (JSON.parse(after.data) as { count?: number }).count ?? 0;
  assert.equal(count, after.dataVersion, 'a write was lost');
  if (faults) assert.ok(grown >= written.length, 'a write was reported that is not in the record');
  else assert.equal(grown, written.length, 'a write is in the record that was not reported');
};

/** Reads the generation from bytes 21 to 24 of the token. */
const generationOf = ({ refreshToken }: IssuedTokens): number =>
  Buffer.from(refreshToken.slice(-104), 'base64url').readUInt32BE(21);
