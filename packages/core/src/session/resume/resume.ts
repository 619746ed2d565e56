import type { AccessTokenContent } from '../../access-token/format.ts';
import { RefreshRetryError, TokenInvalidError } from '../../errors.ts';
import { endOf } from '../../store/session-record.ts';
import { type Activity, type FoundSession, isTouchDue } from '../../store/session-store.ts';
import type { DecodedToken } from '../../token/decode.ts';
import { isBound } from '../../token/derive.ts';
import { printToken } from '../../token/encode.ts';
import { hashToken } from '../../token/hash.ts';
import { type Auth, VerifiedAuth } from '../auth.ts';
import type { IssuedTokens } from '../issue.ts';
import { findLive } from '../live-record.ts';
import { readPresentedToken } from '../presented-token.ts';
import { authorizeRotation, type KeyProof, refusalOfRotation } from '../refresh.ts';
import { refuseRegression } from '../regression.ts';
import { assertCurrent, rederive, rotateToken } from '../rotate.ts';
import type { AnySessionSettings, SessionSettings } from '../settings.ts';
import { decidePresentation } from './presentation.ts';

/** What one call of `resume` may decide differently from the configuration. */
export interface ResumeOptions {
  /**
   * Whether the answer to this request can carry a new token (default true). Not a WebSocket
   * upgrade, a prefetch, or an answer whose headers have left: the session goes on without.
   */
  readonly canRenew?: boolean | undefined;
  /** In ms: how old the session record may be that is consulted. Default: the configured one. */
  readonly maxStaleness?: number | undefined;
  /** Passed on to `authorizeRefresh`. */
  readonly context?: unknown;
  /** The key whose possession the caller has checked: a bound token is renewed with a proof only. */
  readonly proof?: KeyProof | undefined;
}

/** The next token of a session, to be set as the cookie. */
export interface RenewedToken {
  readonly refreshToken: string;
  /** In ms since the epoch: the session's absolute expiry, which no rotation moves. */
  readonly refreshTokenExpiresAt: number;
  /**
   * In ms since the epoch, on the application's clock. An answer that leaves later than
   * `rotateAfter / 2` after this must not carry the token: a newer one may be in use by then.
   */
  readonly decidedAt: number;
  readonly outcome: Extract<IssuedTokens['outcome'], 'rotated' | 'replayed'>;
}

/** A session that goes on. */
export interface ResumedSession<Claims, Data> {
  readonly auth: Auth<Claims, Data>;
  /** Null where the presented token stays. */
  readonly renewed: RenewedToken | null;
}

/**
 * Checks the session token of a cookie (a token of the refresh type), and replaces it by the
 * next one once it is `rotateAfter` old. Parallel requests, lost replies and second tabs get
 * the same next token; a copy that is used beside the original ends the session. The table is
 * in `docs/rotation.md`.
 *
 * Store round trips: 1; 2 where it rotates; none where a record at most `maxStaleness` old
 * suffices.
 *
 * @throws TokenInvalidError, TokenExpiredError (neither costs a store call),
 *   RefreshRetryError (a newer token is in use: come back with it), RefreshRefusedError,
 *   ReuseDetectedError, SessionNotFoundError, SessionRevokedError, SessionExpiredError,
 *   StoreRegressionError, StoreRecordError, StoreUnavailableError
 */
export const resumeSession = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  token: string,
  options: ResumeOptions = {},
): Promise<ResumedSession<Claims, Data>> => {
  const presented = readPresentedToken(settings, token);
  const { id: sessionId, generation } = presented;
  const activity = { generation, interval: settings.touchInterval };
  const seen = { generation, tokenHash: hashToken(presented.bytes, settings.crypto) };
  const found = await findPresented(settings, sessionId, activity, seen, options.maxStaleness);
  const decision = decidePresentation(found.record, seen, settings.times, found.now);
  const goOn = (renewed: RenewedToken | null): ResumedSession<Claims, Data> => ({
    auth: new VerifiedAuth(accessTokenOf(presented), found.record.userId, found.record),
    renewed,
  });
  if (found.touchDue && decision !== 'newer') noteActivity(settings, sessionId, generation);
  const canRenew = options.canRenew !== false && mayRenew(presented, options.proof);
  switch (decision) {
    case 'current':
    case 'straggler':
      return goOn(null);
    case 'replay':
      return goOn(canRenew ? replayOf(settings, presented, found) : null);
    case 'due':
      if (!canRenew) return goOn(null);
      break;
    case 'retry':
      throw new RefreshRetryError();
    case 'superseded':
      settings.emit({ type: 'token.refused', kind: 'refresh', reason: decision });
      throw new TokenInvalidError(decision);
    case 'newer':
      throw await refuseRegression(settings, { sessionId, generation }, found);
    case 'rotate':
      break;
  }
  await authorizeRotation(settings, presented, found, options);
  const { outcome, successor } = await rotateToken(settings, presented);
  const { kind, record } = outcome;
  switch (kind) {
    case 'rotated':
      return goOn(renewedOf(settings, successor, record, kind));
    case 'replayed':
      // Who still comes with the predecessor of a confirmed token must not get it.
      if (record.confirmed || !canRenew) return goOn(null);
      return goOn(renewedOf(settings, rederive(settings, presented, record), record, kind));
    case 'settled':
      return goOn(null);
    case 'retry':
      // Another request of the same moment has rotated, and this one has come too late to be counted.
      if (decision === 'due') return goOn(null);
      throw new RefreshRetryError();
    default:
      throw await refusalOfRotation(settings, record, kind);
  }
};

const mayRenew = ({ bytes }: DecodedToken, proof: KeyProof | undefined): boolean =>
  !isBound(bytes) || proof !== undefined;

const findPresented = async (
  settings: AnySessionSettings,
  sessionId: string,
  activity: Activity,
  seen: { readonly generation: number; readonly tokenHash: Uint8Array },
  maxStaleness: number = settings.maxStaleness,
): Promise<FoundSession> => {
  const find = (): Promise<FoundSession> => findLive(settings, sessionId, activity);
  if (!(maxStaleness > 0)) return find();
  const cache = settings.recordCache();
  const recent = cache.get(sessionId, maxStaleness);
  // Anything but a current token that nothing is due for needs the store.
  const usable =
    recent !== undefined &&
    endOf(recent.record, recent.now) === null &&
    !isTouchDue(recent.record, activity, recent.now) &&
    decidePresentation(recent.record, seen, settings.times, recent.now) === 'current';
  return usable ? { ...recent, touchDue: false } : cache.read(sessionId, find);
};

const noteActivity = (settings: AnySessionSettings, sessionId: string, generation: number): void =>
  settings.runInBackground(`${sessionId}.${generation}`, () =>
    settings.store.touch(sessionId, generation),
  );

const replayOf = (
  settings: AnySessionSettings,
  presented: DecodedToken,
  { record }: FoundSession,
): RenewedToken => renewedOf(settings, rederive(settings, presented, record), record, 'replayed');

const renewedOf = (
  settings: AnySessionSettings,
  token: Uint8Array,
  record: FoundSession['record'],
  outcome: RenewedToken['outcome'],
): RenewedToken => {
  assertCurrent(settings, token, record);
  return {
    refreshToken: printToken(token, settings.refreshTokenPrefix),
    refreshTokenExpiresAt: record.expiresAt,
    decidedAt: settings.clock(),
    outcome,
  };
};

/** What a session token says of itself, in the terms of an access token. */
const accessTokenOf = ({ id, generation, expiry }: DecodedToken): AccessTokenContent => ({
  sessionId: id,
  generation,
  userId: null,
  tokenId: null,
  expiresAt: expiry * 1_000,
  hash: null,
  claims: null,
  registered: null,
});
