import {
  isPawlError,
  RefreshRefusedError,
  RefreshRetryError,
  ReuseDetectedError,
  SessionRevokedError,
  StoreRegressionError,
  TokenInvalidError,
} from '../errors.ts';
import { callStore } from '../store/call.ts';
import type { DecidedRotation } from '../store/rotation.ts';
import { endOf, type SessionRecord } from '../store/session-record.ts';
import type { DecodedToken } from '../token/decode.ts';
import { isBound } from '../token/derive.ts';
import { readAttributes } from './attributes.ts';
import { type IssuedTokens, issueTokens } from './issue.ts';
import { assertIdentity, refuseEnded, refuseMissing } from './live-record.ts';
import { readPresentedToken } from './presented-token.ts';
import { blockSessions } from './revoke.ts';
import { assertCurrent, rederive, rotateToken } from './rotate.ts';
import { sessionInfo } from './session-info.ts';
import type { AnySessionSettings, SessionSettings } from './settings.ts';

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
  const presented = readPresentedToken(settings, token);
  await authorize(settings, presented, options);

  const { outcome, successor } = await rotateToken(settings, presented);
  return issueForOutcome(settings, presented, successor, outcome);
};

const authorize = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  presented: DecodedToken,
  options: RefreshOptions,
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
  await authorizeRotation(settings, presented, found, options);
};

/**
 * Checks everything that may refuse a rotation, before a token is consumed.
 *
 * @throws RefreshRefusedError, and what `authorizeRefresh` throws
 */
export const authorizeRotation = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  presented: DecodedToken,
  { record, now }: { readonly record: SessionRecord; readonly now: number },
  { context, proof }: RefreshOptions,
): Promise<void> => {
  try {
    const session = sessionInfo<Claims, Data>(record);
    if (isBound(presented.bytes) && (!proof || proof.jkt !== session.jkt)) {
      throw new RefreshRefusedError('no proof of the key');
    }
    // The rotation reports a session that has ended.
    if (endOf(record, now) !== null) return;
    await settings.authorizeRefresh?.({ session, context });
  } catch (error) {
    if (isPawlError(error) && error.code === 'ERR_REFRESH_REFUSED') {
      const { sessionId, userId } = record;
      settings.emit({ type: 'session.refused', sessionId, userId, reason: 'refresh_refused' });
    }
    throw error;
  }
};

const issueForOutcome = async (
  settings: AnySessionSettings,
  presented: DecodedToken,
  successor: Uint8Array,
  outcome: DecidedRotation,
): Promise<IssuedTokens> => {
  const { kind, record } = outcome;
  switch (kind) {
    case 'rotated':
    case 'settled': {
      const token = kind === 'rotated' ? successor : presented.bytes;
      return issuePair(settings, outcome, token, kind);
    }
    case 'replayed':
      return issuePair(settings, outcome, rederive(settings, presented, record), kind);
    default:
      throw await refusalOfRotation(settings, record, kind);
  }
};

/** Returns the error for an outcome that issues no token. */
export const refusalOfRotation = async (
  settings: AnySessionSettings,
  record: SessionRecord,
  kind: Exclude<DecidedRotation['kind'], 'rotated' | 'settled' | 'replayed'>,
): Promise<Error> => {
  switch (kind) {
    case 'retry':
      return new RefreshRetryError();
    case 'reuse_detected':
    case 'fork':
      await blockSessions(settings, [record.sessionId]);
      return new ReuseDetectedError();
    case 'regression':
      return new StoreRegressionError();
    case 'lost':
      await blockSessions(settings, [record.sessionId]);
      return new SessionRevokedError(kind);
    case 'superseded':
      settings.emit({ type: 'token.refused', kind: 'refresh', reason: kind });
      return new TokenInvalidError(kind);
    case 'revoked':
      // The process that revoked it may have crashed before it blocked the session.
      await blockSessions(settings, [record.sessionId]);
      return refuseEnded(settings, record, kind);
    case 'expired':
      return refuseEnded(settings, record, kind);
  }
};

const issuePair = async (
  settings: AnySessionSettings,
  { record, now: storeNow }: DecidedRotation,
  refreshToken: Uint8Array,
  outcome: IssuedTokens['outcome'],
): Promise<IssuedTokens> => {
  assertCurrent(settings, refreshToken, record);
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
