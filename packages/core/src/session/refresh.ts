import {
  RefreshRefusedError,
  RefreshRetryError,
  ReuseDetectedError,
  StoreRecordError,
  StoreRegressionError,
  TokenExpiredError,
  TokenInvalidError,
} from '../errors.ts';
import type { PawlEventDraft, RotationEvidence } from '../events.ts';
import { callStore } from '../store/call.ts';
import type { RotationOutcome } from '../store/rotation.ts';
import { endOf, type SessionRecord } from '../store/session-record.ts';
import { bytesEqual } from '../token/bytes.ts';
import { type DecodedToken, decodeToken } from '../token/decode.ts';
import { deriveSuccessor, isBound } from '../token/derive.ts';
import { hashToken } from '../token/hash.ts';
import { readAttributes } from './attributes.ts';
import { changeSession } from './change.ts';
import { generationRecordOf, type IssuedTokens, issueTokens } from './issue.ts';
import { assertIdentity, refuseEnded, refuseMissing } from './live-record.ts';
import { blockSessions } from './revoke.ts';
import { sessionInfo } from './session-info.ts';
import type { AnySessionSettings, SessionSettings } from './settings.ts';

type Rotation = Exclude<RotationOutcome, { kind: 'missing' }>;
/** The key whose possession the client has proved to the caller of `refresh`. */
export interface KeyProof {
  /** The key's thumbprint (RFC 7638). */
  readonly jkt: string;
}

/** Options of `sessions.refresh`. */
export interface RefreshOptions {
  /** Passed to `authorizeRefresh`: the request, a client id, an IP address … */
  readonly context?: unknown;
  /** The key whose possession the caller has verified. Required if the session is bound to a key. */
  readonly proof?: KeyProof | undefined;
}

/**
 * Exchanges a refresh token for the next pair, by the protocol of `docs/rotation.md`. Everything
 * is validated first, then the store rotates in one atomic operation; a refused refresh consumes
 * nothing.
 *
 * A session that is bound to a key (`jkt`) is refreshed only with a proof of possession of that key
 * (RFC 9449 § 5), which costs one more store read. A proof has no effect on other sessions.
 *
 * @throws TokenInvalidError, TokenExpiredError (neither costs a store call),
 *   RefreshRefusedError, RefreshRetryError, ReuseDetectedError, SessionNotFoundError,
 *   SessionRevokedError, SessionExpiredError, StoreRegressionError, StoreRecordError,
 *   StoreUnavailableError (the token still works)
 */
export const refreshSession = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  token: string,
  options: RefreshOptions = {},
): Promise<IssuedTokens> => {
  const presented = readRefreshToken(settings, token);
  await authorize(settings, presented, options);

  const salt = settings.random(32);
  const successor = deriveSuccessor(presented.bytes, salt, settings.keys.active);
  const outcome = await changeSession(settings, presented.id, () =>
    settings.store.rotate({
      sessionId: presented.id,
      generation: presented.generation,
      tokenHash: hashToken(presented.bytes, settings.crypto),
      next: generationRecordOf(settings, successor, salt),
      policy: settings.times,
    }),
  );
  if (outcome.kind === 'missing') throw refuseMissing(settings, presented.id);
  assertIdentity(settings, outcome.record, presented.id);
  emitOutcome(settings, presented, outcome);
  return issueForOutcome(settings, presented, successor, outcome);
};

const readRefreshToken = (settings: AnySessionSettings, token: string): DecodedToken => {
  const { keys, refreshTokenPrefix, clock, emit } = settings;
  const decoded =
    typeof token === 'string'
      ? decodeToken(token, 'refresh', refreshTokenPrefix, keys)
      : 'malformed';
  if (typeof decoded === 'string') {
    emit({ type: 'token.refused', kind: 'refresh', reason: decoded });
    throw new TokenInvalidError(decoded);
  }
  if (clock() >= decoded.expiry * 1_000) {
    emit({ type: 'token.refused', kind: 'refresh', reason: 'outlived' });
    throw new TokenExpiredError();
  }
  return decoded;
};

const authorize = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  presented: DecodedToken,
  { context, proof }: RefreshOptions,
): Promise<void> => {
  const bound = isBound(presented.bytes);
  if (!bound && !settings.authorizeRefresh) return;
  const found = await callStore(() => settings.store.find(presented.id));
  if (!found) {
    // Without the record, the key to prove is unknown.
    if (bound) throw refuseMissing(settings, presented.id);
    return;
  }
  assertIdentity(settings, found.record, presented.id);
  try {
    const session = sessionInfo<Claims, Data>(found.record);
    if (bound && (!proof || proof.jkt !== session.jkt)) {
      throw new RefreshRefusedError('no proof of the key');
    }
    // The rotation reports a session that has ended.
    if (endOf(found.record, found.now) !== null) return;
    await settings.authorizeRefresh?.({ session, context });
  } catch (error) {
    if (error instanceof RefreshRefusedError) {
      const { sessionId, userId } = found.record;
      settings.emit({ type: 'session.refused', sessionId, userId, reason: 'refresh_refused' });
    }
    throw error;
  }
};

const eventTypes = {
  rotated: 'session.rotated',
  settled: 'session.settled',
  replayed: 'session.replayed',
  retry: 'session.retry_requested',
  reuse_detected: 'reuse.detected',
  fork: 'fork.detected',
  regression: 'regression.detected',
} as const;

const emitOutcome = (
  settings: AnySessionSettings,
  presented: DecodedToken,
  outcome: Rotation,
): void => {
  const { kind, record, age } = outcome;
  if (kind === 'revoked' || kind === 'expired') return;
  const { sessionId, userId } = record;
  const evidence: RotationEvidence = {
    presented: presented.generation,
    current: kind === 'rotated' ? record.generation - 1 : record.generation,
    age,
    replays: record.replays,
    strikes: record.strikes,
    kid: presented.kid,
  };
  const event: PawlEventDraft = { type: eventTypes[kind], sessionId, userId, evidence };
  settings.emit(kind === 'replayed' ? { ...event, late: isLate(settings, outcome) } : event);
  if (kind === 'reuse_detected' || kind === 'fork') {
    settings.emit({ type: 'session.revoked', sessionId, userId, reason: kind });
  }
};

const issueForOutcome = async (
  settings: AnySessionSettings,
  presented: DecodedToken,
  successor: Uint8Array,
  outcome: Rotation,
): Promise<IssuedTokens> => {
  const { kind, record } = outcome;
  switch (kind) {
    case 'rotated':
      return issuePair(settings, outcome, successor, 'rotated');
    case 'settled':
      return issuePair(settings, outcome, presented.bytes, 'settled');
    case 'replayed':
      return issuePair(settings, outcome, rederive(settings, presented, record), 'replayed');
    case 'retry':
      throw new RefreshRetryError();
    case 'reuse_detected':
    case 'fork':
      await blockSessions(settings, [record.sessionId]);
      throw new ReuseDetectedError();
    case 'regression':
      throw new StoreRegressionError();
    case 'revoked':
      // The process that revoked it may have died before it listed the session.
      await blockSessions(settings, [record.sessionId]);
      throw refuseEnded(settings, record, kind);
    case 'expired':
      throw refuseEnded(settings, record, kind);
  }
};

/** Derives the successor that an earlier call with the same token returned, on any node. */
const rederive = (
  settings: AnySessionSettings,
  presented: DecodedToken,
  record: SessionRecord,
): Uint8Array => {
  const root = settings.keys.find(record.kid);
  // Another node issues with a root secret that this node does not have.
  if (!root) throw new RefreshRetryError();
  if (root.status === 'compromised') throw new TokenInvalidError('kid_compromised');
  return deriveSuccessor(presented.bytes, record.salt, root);
};

const isLate = ({ times }: AnySessionSettings, { kind, age }: Rotation): boolean =>
  kind === 'replayed' && age > times.gracePeriod;

const issuePair = async (
  settings: AnySessionSettings,
  { record, now: storeNow }: Rotation,
  refreshToken: Uint8Array,
  outcome: IssuedTokens['outcome'],
): Promise<IssuedTokens> => {
  // Never return a token that is not the current one of the record.
  if (!bytesEqual(hashToken(refreshToken, settings.crypto), record.tokenHash)) {
    throw new StoreRecordError('its current token is not the derived one');
  }
  const input = {
    userId: record.userId,
    sessionId: record.sessionId,
    refreshToken,
    attributes: readAttributes(record.attributes, record.deviceId),
    claims: record.claims,
    outcome,
  };
  const now = settings.clock();
  const nowSeconds = Math.floor(now / 1_000);
  // Not later than the idle expiry, which a replay does not extend.
  const notAfter = now + record.lastActiveAt + record.idleTimeout - storeNow;
  // Access tokens count in whole seconds: less than one second is left of the session.
  if (Math.floor(notAfter / 1_000) <= nowSeconds) throw refuseEnded(settings, record, 'expired');
  const same = await issueTokens(settings, { ...input, issuedAt: record.issuedAt, notAfter });
  if (same.accessTokenExpiresAt > now) return same;
  // The first access token has expired: issue one of the same generation, timed from now.
  return issueTokens(settings, { ...input, issuedAt: nowSeconds, notAfter });
};
