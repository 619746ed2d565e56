import {
  SessionExpiredError,
  SessionNotFoundError,
  SessionRevokedError,
  StoreRecordError,
} from '../errors.ts';
import { storeFailure } from '../store/call.ts';
import { assertId } from '../store/id.ts';
import { endOf, type SessionRecord } from '../store/session-record.ts';
import type { Activity, FoundSession } from '../store/session-store.ts';
import { isId } from '../token/session-id.ts';
import type { AnySessionSettings } from './settings.ts';

/** @throws StoreRecordError if the record has another id, or its id was not made for its user. */
export const assertIdentity = (
  { isIdOf }: AnySessionSettings,
  record: SessionRecord,
  sessionId: string,
): void => {
  if (record.sessionId !== sessionId || !isIdOf(sessionId, record.userId)) {
    throw new StoreRecordError('it belongs to another session');
  }
};

/**
 * Reads a session, and throws unless it is live.
 *
 * @throws InvalidInputError for an empty id, SessionNotFoundError, SessionRevokedError,
 *   SessionExpiredError, StoreRecordError, StoreUnavailableError
 */
export const findLive = async (
  settings: AnySessionSettings,
  sessionId: string,
  activity?: Activity,
): Promise<FoundSession> => {
  if (!isId(sessionId)) {
    assertId('sessionId', sessionId);
    throw new SessionNotFoundError();
  }
  let found: FoundSession | null;
  // Every guard calls this: `callStore` would cost one more promise per request.
  try {
    found = await settings.store.find(sessionId, activity);
  } catch (error) {
    throw storeFailure(error);
  }
  if (!found) throw refuseMissing(settings, sessionId);
  const { record, now } = found;
  assertIdentity(settings, record, sessionId);
  const ended = endOf(record, now);
  if (ended) throw refuseEnded(settings, record, ended);
  return found;
};

/** Emits the event for a session that the store does not have, and returns the error to throw. */
export const refuseMissing = (
  { emit }: AnySessionSettings,
  sessionId: string,
): SessionNotFoundError => {
  emit({ type: 'session.missed', sessionId });
  return new SessionNotFoundError();
};

/** Emits the event for a session that has ended, and returns the error to throw. */
export const refuseEnded = (
  { emit }: AnySessionSettings,
  { sessionId, userId, revokedReason }: SessionRecord,
  ended: 'revoked' | 'expired',
): SessionRevokedError | SessionExpiredError => {
  if (ended === 'expired') {
    emit({ type: 'session.refused', sessionId, userId, reason: ended });
    return new SessionExpiredError();
  }
  const cause = revokedReason ?? 'revoked';
  emit({ type: 'session.refused', sessionId, userId, reason: ended, cause });
  return new SessionRevokedError(cause);
};
