import type { WaitUntil } from '../../background.ts';
import { RefreshRetryError, TokenInvalidError } from '../../errors.ts';
import { endOf } from '../../store/session-record.ts';
import { type Activity, type FoundSession, isTouchDue } from '../../store/session-store.ts';
import type { DecodedToken } from '../../token/decode.ts';
import { printToken } from '../../token/encode.ts';
import { type Auth, VerifiedAuth } from '../auth.ts';
import type { IssuedTokens } from '../issue.ts';
import { findLive } from '../live-record.ts';
import { readPresentedToken } from '../presented-token.ts';
import { authorizeRotation, type KeyProof, refusalOfRotation } from '../refresh.ts';
import { refuseRegression } from '../regression.ts';
import { assertCurrent, rederive, rotateToken } from '../rotate.ts';
import type { AnySessionSettings, SessionSettings } from '../settings.ts';
import { verifyAccessToken } from '../verify.ts';
import { checkSessionToken } from './checked-token.ts';
import { decidePresentation } from './presentation.ts';
import type { CheckedToken } from './session-token.ts';

/** Options of `sessions.resume`. */
export interface ResumeOptions {
  /**
   * Whether the response to this request can carry a new token. Default true. Pass false for a
   * WebSocket upgrade, a prefetch and a response whose headers are sent: then the token is checked,
   * but not rotated. A function is called only if there is a token to renew.
   */
  readonly canRenew?: boolean | (() => boolean) | undefined;
  /** In ms: the largest age of a cached session record. 0: always read the store. Default: the configured one. */
  readonly maxStaleness?: number | undefined;
  /** Passed to `authorizeRefresh`: the request, a client id, an IP address … */
  readonly context?: unknown;
  /**
   * The key whose possession the caller has verified: compare it with `auth.jkt` for every request.
   * Without it, the token of a session that is bound to a key is checked, but not rotated.
   */
  readonly proof?: KeyProof | undefined;
  /**
   * Whether an access token is accepted in place of the session token: for the cookies of a deployment
   * whose only cookie contained one. It is checked as by `sessions.verify` with the check `session`, and
   * never renewed. Default false.
   */
  readonly acceptAccessToken?: boolean | undefined;
  /** Receives the write of `lastActiveAt`, if there is one: `waitUntil` of the request's platform. */
  readonly waitUntil?: WaitUntil | undefined;
}

/** The next session token, which the response must set as the cookie. */
export interface RenewedToken {
  readonly refreshToken: string;
  /** In ms since the epoch: the absolute expiry of the session. No rotation changes it. */
  readonly refreshTokenExpiresAt: number;
  /**
   * When the token was issued, in ms since the epoch on the application's clock. A response whose
   * headers are sent more than `rotateAfter / 2` after it must not carry the token: a newer one may be
   * in use by then.
   */
  readonly decidedAt: number;
  /** `rotated`: this call has rotated the token. `replayed`: an earlier call has, and returned the same one. */
  readonly outcome: Extract<IssuedTokens['outcome'], 'rotated' | 'replayed'>;
}

/** The result of `sessions.resume`. */
export interface ResumedSession<Claims, Data> {
  /** Who has made the request: the same as `sessions.verify` returns for an access token. */
  readonly auth: Auth<Claims, Data, 'session'>;
  /** The token to set as the cookie. Null: leave the cookie as it is. */
  readonly renewed: RenewedToken | null;
}

/**
 * Checks the session token of a cookie (a refresh token), and rotates it once it is `rotateAfter`
 * old. Parallel requests, several tabs and a client whose response was lost all get the same next
 * token. A copy that falls behind the original ends the session when it is presented. The table is in
 * `docs/rotation.md`.
 *
 * Store round trips: 1; 2 if it rotates the token; 0 if a cached record of at most `maxStaleness` is
 * enough.
 *
 * @throws TokenInvalidError, TokenExpiredError (neither costs a store call, except for a token that a
 *   step-up has replaced), RefreshRetryError (the client has a newer token and must use it),
 *   RefreshRefusedError, ReuseDetectedError, SessionNotFoundError, SessionRevokedError, SessionExpiredError,
 *   StoreRegressionError, StoreRecordError, StoreUnavailableError
 */
export const resumeSession = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  token: string,
  options: ResumeOptions = {},
): Promise<ResumedSession<Claims, Data>> => {
  if (options.acceptAccessToken && !isSessionToken(settings, token)) {
    const { maxStaleness } = options;
    const verifyOptions = { revocationCheck: 'session', maxStaleness } as const;
    const auth = await verifyAccessToken(settings, token, verifyOptions);
    return { auth: auth as Auth<Claims, Data, 'session'>, renewed: null };
  }
  const checked = checkSessionToken(settings, token);
  const { sessionId, generation } = checked;
  const activity = { generation, interval: settings.touchInterval };
  const { maxStaleness = settings.maxStaleness } = options;
  const found =
    findRecent(settings, checked, activity, maxStaleness) ??
    (await findNow(settings, sessionId, activity, maxStaleness));
  const decision = decidePresentation(found.record, checked, settings.times, found.now);
  const resumed = (renewed: RenewedToken | null): ResumedSession<Claims, Data> => ({
    auth: new VerifiedAuth(checked.content, found.record.userId, found.record) as Auth<
      Claims,
      Data,
      'session'
    >,
    renewed,
  });
  if (found.touchDue && decision !== 'regression') {
    settings.background.run(
      `${sessionId}.${generation}`,
      () => settings.store.touch(sessionId, generation),
      options.waitUntil,
    );
  }
  switch (decision) {
    case 'current':
    case 'tolerated':
      return resumed(null);
    case 'replay':
      if (!canRenew(checked, options)) return resumed(null);
      return resumed(replayOf(settings, readPresentedToken(settings, token), found));
    case 'due':
      if (!canRenew(checked, options)) return resumed(null);
      break;
    case 'retry':
      throw new RefreshRetryError();
    case 'superseded':
      settings.emit({ type: 'token.refused', kind: 'refresh', reason: decision });
      throw new TokenInvalidError(decision);
    case 'regression':
      throw await refuseRegression(settings, { sessionId, generation }, found);
    case 'rotate':
      break;
  }
  const presented = readPresentedToken(settings, token);
  await authorizeRotation(settings, presented, found, options);
  const { outcome, successor } = await rotateToken(settings, presented);
  const { kind, record } = outcome;
  switch (kind) {
    case 'rotated':
      return resumed(renewedOf(settings, successor, record, kind));
    case 'replayed':
      // The client that has the confirmed successor does not need it from the predecessor.
      if (record.confirmed || !canRenew(checked, options)) return resumed(null);
      return resumed(renewedOf(settings, rederive(settings, presented, record), record, kind));
    case 'settled':
      return resumed(null);
    case 'retry':
      // A concurrent request has rotated the token that was current when this call read the record.
      if (decision === 'due') return resumed(null);
      throw new RefreshRetryError();
    default:
      throw await refusalOfRotation(settings, record, kind);
  }
};

/** Whether a token has the prefix of session tokens, which costs less than reading it. */
const isSessionToken = ({ refreshTokenPrefix }: AnySessionSettings, token: string): boolean =>
  typeof token === 'string' && token.startsWith(refreshTokenPrefix);

/** Whether the response can carry a new token, and a token that is bound to a key has its proof. */
const canRenew = ({ bound }: CheckedToken, { canRenew: can, proof }: ResumeOptions): boolean =>
  (!bound || proof !== undefined) && (typeof can === 'function' ? can() : can !== false);

/** Returns a cached record, if the token is current and nothing is due. */
const findRecent = (
  settings: AnySessionSettings,
  checked: CheckedToken,
  activity: Activity,
  maxStaleness: number,
): FoundSession | undefined => {
  if (!(maxStaleness > 0)) return undefined;
  const recent = settings.recordCache().get(checked.sessionId, maxStaleness);
  const usable =
    recent !== undefined &&
    endOf(recent.record, recent.now) === null &&
    !isTouchDue(recent.record, activity, recent.now) &&
    decidePresentation(recent.record, checked, settings.times, recent.now) === 'current';
  return usable ? { ...recent, touchDue: false } : undefined;
};

const findNow = (
  settings: AnySessionSettings,
  sessionId: string,
  activity: Activity,
  maxStaleness: number,
): Promise<FoundSession> => {
  const find = (): Promise<FoundSession> => findLive(settings, sessionId, activity);
  return maxStaleness > 0 ? settings.recordCache().read(sessionId, find) : find();
};

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
