import {
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

/** That the client holds a key, as far as the caller has checked it. */
export interface KeyProof {
  /** The key's thumbprint (RFC 7638). */
  readonly jkt: string;
}

/** What a refresh may need beside the token. */
export interface RefreshOptions {
  /** Passed to `authorizeRefresh` as it is: the request, a client id, an IP address … */
  readonly context?: unknown;
  /** The key whose possession the caller has verified. Required if the session is bound to a key. */
  readonly proof?: KeyProof | undefined;
}

/**
 * Exchanges a refresh token for the next pair, by the protocol of
 * `docs/rotation.md`. All validation comes first, then one atomic operation of
 * the store; a refused refresh consumes nothing.
 *
 * A session that is bound to a key (`jkt`) is only refreshed with a proof of it (RFC 9449
 * § 5): that costs one more read. A proof for any other session changes nothing.
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
    // Nothing tells which key it would have been.
    if (bound) throw refuseMissing(settings, presented.id);
    return;
  }
  assertIdentity(settings, found.record, presented.id);
  await authorizeRotation(settings, presented, found, options);
};

/**
 * Asks everything that may refuse a rotation, before anything is consumed.
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
    // A session that has ended is for the rotation to tell.
    if (endOf(record, now) !== null) return;
    await settings.authorizeRefresh?.({ session, context });
  } catch (error) {
    if (error instanceof RefreshRefusedError) {
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

/** The error for a rotation that hands nothing out. */
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
      // The call that revoked it may have died before it got this far.
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
  // Never past the idle expiry, which a replay leaves where it is.
  const notAfter = now + record.lastActiveAt + record.idleTimeout - storeNow;
  // Access tokens count in seconds: there is none for what is left of the last one.
  if (Math.floor(notAfter / 1_000) <= nowSeconds) throw refuseEnded(settings, record, 'expired');
  const same = await issueTokens(settings, { ...input, issuedAt: record.issuedAt, notAfter });
  if (same.accessTokenExpiresAt > now) return same;
  // The first access token has expired already: one of the same generation, timed from now.
  return issueTokens(settings, { ...input, issuedAt: nowSeconds, notAfter });
};
