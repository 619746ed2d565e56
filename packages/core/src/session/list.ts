import { StoreRecordError } from '../errors.ts';
import { callStore } from '../store/call.ts';
import { endOf } from '../store/session-record.ts';
import type { SessionContext } from './context.ts';
import { checkUserId } from './input.ts';
import { type ListedSession, sessionInfo } from './session-info.ts';

/**
 * A user's live sessions, newest first.
 *
 * @throws InvalidInputError, StoreRecordError, StoreUnavailableError
 */
export const listSessions = async <Claims, Data>(
  context: SessionContext<Claims, Data>,
  userId: string,
  currentSessionId?: string,
): Promise<ListedSession<Claims, Data>[]> => {
  checkUserId(userId);
  const { records, now } = await callStore(() => context.store.list(userId));
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
