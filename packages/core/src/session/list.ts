import { StoreRecordError } from '../errors.ts';
import { callStore } from '../store/call.ts';
import { endOf } from '../store/session-record.ts';
import { validateUserId } from './input.ts';
import { type ListedSession, sessionInfo } from './session-info.ts';
import type { SessionSettings } from './settings.ts';

/** How sessions are listed. */
export interface ListSessionsOptions {
  /** The session of the request: it is listed with `current: true`. */
  readonly currentSessionId?: string | undefined;
}

/**
 * Returns a user's live sessions, newest first.
 *
 * @throws InvalidInputError, StoreRecordError, StoreUnavailableError
 */
export const listSessions = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  userId: string,
  { currentSessionId }: ListSessionsOptions = {},
): Promise<ListedSession<Claims, Data>[]> => {
  validateUserId(userId);
  const { records, now } = await callStore(() => settings.store.list(userId));
  if (records.some((record) => record.userId !== userId)) {
    throw new StoreRecordError('it belongs to another user');
  }
  return records
    .filter((record) => endOf(record, now) === null)
    .map((record) => ({
      ...sessionInfo<Claims, Data>(record),
      current: record.sessionId === currentSessionId,
    }));
};
