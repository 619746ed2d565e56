import type { AccessToken } from '../access-token/format.ts';
import {
  ConfigurationError,
  InvalidInputError,
  SessionNotFoundError,
  StoreRegressionError,
  TokenExpiredError,
  TokenInvalidError,
  type TokenRefusal,
  TokenRevokedError,
} from '../errors.ts';
import { callStore } from '../store/call.ts';
import { endOf, type SessionRecord } from '../store/session-record.ts';
import { type Activity, type FoundSession, isTouchDue } from '../store/session-store.ts';
import { bytesEqual } from '../token/bytes.ts';
import { type Auth, VerifiedAuth } from './auth.ts';
import type { SessionContext } from './context.ts';
import { findLive } from './live-record.ts';
import { type RevocationCheck, revocationChecks } from './options.ts';

/** What one call may decide differently from the configuration. */
export interface VerifyOptions {
  /** Default: the configured one. */
  readonly revocationCheck?: RevocationCheck;
  /** In ms: how old the session record may be that is consulted. Default: the configured one. */
  readonly maxStaleness?: number;
}

type AnyContext = SessionContext<never, never>;

/**
 * Checks an access token: its form, signature and expiry in process, then its
 * revocation as far as `revocationCheck` says. Garbage costs no store call.
 *
 * @throws InvalidInputError, TokenInvalidError, TokenExpiredError, TokenRevokedError,
 *   SessionNotFoundError, SessionRevokedError, SessionExpiredError,
 *   StoreRegressionError, StoreRecordError, StoreUnavailableError
 */
export const verifyAccessToken = async <Claims, Data>(
  context: SessionContext<Claims, Data>,
  token: string,
  options: VerifyOptions = {},
): Promise<Auth<Claims, Data>> => {
  const { revocationCheck = context.revocationCheck, maxStaleness = context.maxStaleness } =
    options;
  if (!revocationChecks.includes(revocationCheck)) {
    throw new InvalidInputError('revocationCheck', 'must be session, blocklist or none');
  }
  let access: AccessToken;
  try {
    // Anything but a string is as malformed as a string can be.
    const read = context.accessTokens.read(typeof token === 'string' ? token : '');
    // A promise for nothing would cost every request.
    access = read instanceof Promise ? await read : read;
  } catch (error) {
    if (error instanceof TokenInvalidError) refuse(context, error.refusal);
    if (error instanceof TokenExpiredError) refuse(context, 'outlived');
    throw error;
  }
  if (revocationCheck === 'session' || context.accessTokens.opaque) {
    const asked = askedOf(context, access);
    const found =
      findRecent(context, asked, maxStaleness) ?? (await findNow(context, asked, maxStaleness));
    checkFound(context, access, asked, found);
    return new VerifiedAuth(access, found.record.userId, found.record);
  }
  if (revocationCheck === 'blocklist') await checkBlocklist(context, access);
  return new VerifiedAuth(access, userOf(access), null);
};

const userOf = ({ userId }: AccessToken): string => {
  if (userId === null) throw new TokenInvalidError('no_id');
  return userId;
};

const refuse = (context: AnyContext, reason: TokenRefusal | 'outlived'): void =>
  context.emit({ type: 'token.refused', kind: 'access', reason });

const refused = (context: AnyContext, reason: TokenRefusal): TokenInvalidError => {
  refuse(context, reason);
  return new TokenInvalidError(reason);
};

const checkBlocklist = async (context: AnyContext, access: AccessToken): Promise<void> => {
  const { blocklist } = context;
  if (!blocklist)
    throw new ConfigurationError('blocklist', 'is needed where revocationCheck is blocklist');
  const { tokenId, sessionId } = access;
  if (sessionId === null) throw refused(context, 'no_id');
  const ids = tokenId === null ? [sessionId] : [tokenId, sessionId];
  if (await callStore(() => blocklist.isRevoked(ids))) throw new TokenRevokedError();
};

/** What the store is asked for. */
interface Asked extends Activity {
  readonly sessionId: string;
}

const askedOf = (context: AnyContext, { sessionId, generation }: AccessToken): Asked => {
  if (sessionId === null || generation === null) throw refused(context, 'no_id');
  return { sessionId, generation, interval: context.touchInterval };
};

const findNow = (
  context: AnyContext,
  asked: Asked,
  maxStaleness: number,
): Promise<FoundSession> => {
  const { sessionId } = asked;
  const find = (): Promise<FoundSession> => findLive(context, sessionId, asked);
  return maxStaleness > 0 ? context.recordCache().read(sessionId, find) : find();
};

/** A record of a moment ago, as long as nothing about it needs the store. */
const findRecent = (
  { recordCache }: AnyContext,
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

const checkFound = (
  context: AnyContext,
  access: AccessToken,
  { generation }: Asked,
  { record, now, touchDue }: FoundSession,
): void => {
  const { sessionId, userId } = record;
  if (access.userId !== null && access.userId !== userId) {
    context.emit({ type: 'session.refused', sessionId, userId, reason: 'user_mismatch' });
    throw new SessionNotFoundError();
  }
  if (generation > record.generation) {
    const evidence = {
      presented: generation,
      current: record.generation,
      age: now - record.rotatedAt,
      replays: record.replays,
      strikes: record.strikes,
    };
    context.emit({ type: 'regression.detected', sessionId, userId, evidence });
    throw new StoreRegressionError();
  }
  const superseded =
    generation < record.floor ||
    (access.hash !== null && !isAcceptedHash(context, access.hash, generation, record, now));
  if (superseded) throw refused(context, 'not_current');
  if (touchDue) {
    context.inBackground(`${sessionId}.${generation}`, () =>
      callStore(() => context.store.touch(sessionId, generation)),
    );
  }
};

/**
 * An opaque access token is good while its generation is current, and for the
 * grace period after, so that a request in flight in another tab does not fail.
 */
const isAcceptedHash = (
  { times }: AnyContext,
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
