import type { AccessTokenContent } from '../access-token/format.ts';
import type { WaitUntil } from '../background.ts';
import {
  ConfigurationError,
  InvalidInputError,
  isPawlError,
  SessionNotFoundError,
  TokenInvalidError,
  type TokenRefusal,
  TokenRevokedError,
} from '../errors.ts';
import { callStore } from '../store/call.ts';
import { endOf, type SessionRecord } from '../store/session-record.ts';
import { type Activity, type FoundSession, isTouchDue } from '../store/session-store.ts';
import { bytesEqual } from '../token/bytes.ts';
import { isPromise } from '../value-kinds.ts';
import { type Auth, VerifiedAuth } from './auth.ts';
import { findLive } from './live-record.ts';
import { type RevocationCheck, revocationChecks } from './options.ts';
import { refuseRegression } from './regression.ts';
import type { AnySessionSettings, SessionSettings } from './settings.ts';

/** Options of `sessions.verify`: they override the configuration for one call. */
export interface VerifyOptions<Check extends RevocationCheck = RevocationCheck> {
  /** Default: the configured one. */
  readonly revocationCheck?: Check | undefined;
  /** In ms: how old the session record may be. Default: the configured one. */
  readonly maxStaleness?: number | undefined;
  /** Receives the write of `lastActiveAt`, if there is one: `waitUntil` of the request's platform. */
  readonly waitUntil?: WaitUntil | undefined;
}

/** The check that a call of `verify` makes: its own option where that is given, else the configured one. */
export type CheckOf<Options, Configured extends RevocationCheck> = Options extends {
  readonly revocationCheck?: infer Own;
}
  ? Or<Own, Configured>
  : Configured;

type Or<Own, Configured> = Own extends RevocationCheck ? Own : Configured;

/**
 * Verifies an access token: its format, signature and expiry in process, then its revocation as
 * `revocationCheck` says. A malformed or forged token costs no store call.
 *
 * @throws InvalidInputError, TokenInvalidError, TokenExpiredError, TokenRevokedError,
 *   SessionNotFoundError, SessionRevokedError, SessionExpiredError,
 *   StoreRegressionError, StoreRecordError, StoreUnavailableError
 */
export const verifyAccessToken = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  token: string,
  options: VerifyOptions = {},
): Promise<Auth<Claims, Data>> => {
  const { revocationCheck = settings.revocationCheck, maxStaleness = settings.maxStaleness } =
    options;
  if (!revocationChecks.includes(revocationCheck)) {
    throw new InvalidInputError('revocationCheck', 'must be session, blocklist or none');
  }
  let access: AccessTokenContent;
  try {
    // Anything but a string is refused like a malformed string.
    const read = settings.accessTokens.read(typeof token === 'string' ? token : '');
    // Do not await a synchronous result: it costs a microtask per request.
    access = isPromise(read) ? await read : read;
  } catch (error) {
    const code = isPawlError(error) ? error.code : undefined;
    if (code === 'ERR_TOKEN_INVALID') emitRefusal(settings, (error as TokenInvalidError).refusal);
    if (code === 'ERR_TOKEN_EXPIRED') emitRefusal(settings, 'outlived');
    throw error;
  }
  if (access.isLegacy) {
    if (revocationCheck !== 'none') await assertLegacyNotBlocked(settings, access);
    return new VerifiedAuth(access, userOf(access), null);
  }
  if (revocationCheck === 'session' || settings.accessTokens.opaque) {
    const asked = askedOf(settings, access);
    const found =
      findRecent(settings, asked, maxStaleness) ?? (await findNow(settings, asked, maxStaleness));
    assertUser(settings, access, found.record);
    if (asked.generation > found.record.generation) {
      throw await refuseRegression(settings, asked, found);
    }
    assertAccepted(settings, access, asked, found, options.waitUntil);
    return new VerifiedAuth(access, found.record.userId, found.record);
  }
  if (revocationCheck === 'blocklist') await assertNotBlocked(settings, access);
  return new VerifiedAuth(access, userOf(access), null);
};

const userOf = ({ userId }: AccessTokenContent): string => {
  if (userId === null) throw new TokenInvalidError('no_id');
  return userId;
};

const emitRefusal = (settings: AnySessionSettings, reason: TokenRefusal | 'outlived'): void =>
  settings.emit({ type: 'token.refused', kind: 'access', reason });

const refuseToken = (settings: AnySessionSettings, reason: TokenRefusal): TokenInvalidError => {
  emitRefusal(settings, reason);
  return new TokenInvalidError(reason);
};

const assertNotBlocked = async (
  settings: AnySessionSettings,
  access: AccessTokenContent,
): Promise<void> => {
  const { blocklist } = settings;
  if (!blocklist)
    throw new ConfigurationError('blocklist', 'is required where revocationCheck is blocklist');
  const { tokenId, sessionId } = access;
  if (sessionId === null) throw refuseToken(settings, 'no_id');
  const ids = tokenId === null ? [sessionId] : [tokenId, sessionId];
  if (await callStore(() => blocklist.isRevoked(ids))) throw new TokenRevokedError();
};

/** A token of an earlier deployment has no session here: it can be revoked by its `jti` at most. */
const assertLegacyNotBlocked = async (
  { blocklist }: AnySessionSettings,
  { tokenId }: AccessTokenContent,
): Promise<void> => {
  if (!blocklist || tokenId === null) return;
  if (await callStore(() => blocklist.isRevoked([tokenId]))) throw new TokenRevokedError();
};

/** The session that the store is asked for. */
interface Asked extends Activity {
  readonly sessionId: string;
}

const askedOf = (
  settings: AnySessionSettings,
  { sessionId, generation }: AccessTokenContent,
): Asked => {
  if (sessionId === null || generation === null) throw refuseToken(settings, 'no_id');
  return { sessionId, generation, interval: settings.touchInterval };
};

const findNow = (
  settings: AnySessionSettings,
  asked: Asked,
  maxStaleness: number,
): Promise<FoundSession> => {
  const { sessionId } = asked;
  const find = (): Promise<FoundSession> => findLive(settings, sessionId, asked);
  return maxStaleness > 0 ? settings.recordCache().read(sessionId, find) : find();
};

/** Returns a cached record, unless the check needs the store. */
const findRecent = (
  { recordCache }: AnySessionSettings,
  asked: Asked,
  maxStaleness: number,
): FoundSession | undefined => {
  if (!(maxStaleness > 0)) return undefined;
  const recent = recordCache().get(asked.sessionId, maxStaleness);
  const usable =
    recent !== undefined &&
    endOf(recent.record, recent.now) === null &&
    asked.generation <= recent.record.generation &&
    !isTouchDue(recent.record, asked, recent.now);
  return usable ? { ...recent, touchDue: false } : undefined;
};

const assertUser = (
  settings: AnySessionSettings,
  access: AccessTokenContent,
  { sessionId, userId }: SessionRecord,
): void => {
  if (access.userId === null || access.userId === userId) return;
  settings.emit({ type: 'session.refused', sessionId, userId, reason: 'user_mismatch' });
  throw new SessionNotFoundError();
};

const assertAccepted = (
  settings: AnySessionSettings,
  access: AccessTokenContent,
  { generation }: Asked,
  { record, now, touchDue }: FoundSession,
  waitUntil: WaitUntil | undefined,
): void => {
  const { sessionId } = record;
  const superseded =
    generation < record.floor ||
    (access.hash !== null && !isAcceptedHash(settings, access.hash, generation, record, now));
  if (superseded) throw refuseToken(settings, 'not_current');
  if (touchDue) {
    settings.background.run(
      `${sessionId}.${generation}`,
      () => callStore(() => settings.store.touch(sessionId, generation)),
      waitUntil,
    );
  }
};

/**
 * An opaque access token is valid while its generation is current and during the grace period
 * after its rotation, so that a concurrent request of another tab does not fail. A late replay does
 * not make it valid again.
 */
const isAcceptedHash = (
  { times }: AnySessionSettings,
  hash: Uint8Array,
  generation: number,
  record: SessionRecord,
  now: number,
): boolean => {
  const behind = record.generation - generation;
  if (behind === 0) return record.accessHash !== null && bytesEqual(hash, record.accessHash);
  return (
    behind === 1 &&
    record.previousAccessHash !== null &&
    now - record.rotatedAt < times.gracePeriod &&
    bytesEqual(hash, record.previousAccessHash)
  );
};
