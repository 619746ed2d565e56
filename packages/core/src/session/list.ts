import { InvalidInputError, StoreRecordError } from '../errors.ts';
import { assertOptions, type OptionNames } from '../option-names.ts';
import { callStore } from '../store/call.ts';
import { endOf, type SessionRecord } from '../store/session-record.ts';
import { maxSessionPage, type SessionPosition, type SessionStore } from '../store/session-store.ts';
import { isId } from '../token/session-id.ts';
import { validateUserId } from './input.ts';
import { type ListedSession, sessionInfo } from './session-info.ts';
import type { SessionSettings } from './settings.ts';

/** How sessions are listed. */
export interface ListSessionsOptions {
  /** The session of the request: it is listed with `current: true`. */
  readonly currentSessionId?: string | undefined;
  /** At most so many sessions: 1 to 1,000. Default 100. */
  readonly limit?: number | undefined;
  /** Only sessions after this one: the last session of the page before. It may have ended since. */
  readonly after?: SessionPosition | undefined;
}

const optionNames: OptionNames<ListSessionsOptions> = { currentSessionId: 1, limit: 1, after: 1 };

/**
 * Returns a page of a user's live sessions, newest first. It has fewer than `limit` sessions only if no
 * more follow.
 *
 * @throws InvalidInputError, StoreRecordError, StoreUnavailableError
 */
export const listSessions = async <Claims, Data>(
  settings: SessionSettings<Claims, Data>,
  userId: string,
  options: ListSessionsOptions = {},
): Promise<ListedSession<Claims, Data>[]> => {
  assertOptions(options, optionNames);
  const { currentSessionId, limit = 100, after } = options;
  validateUserId(userId);
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= maxSessionPage)) {
    throw new InvalidInputError('limit', 'must be a whole number from 1 to 1,000');
  }
  const position = after && positionOf(after);
  const { records, now } = await readPage(settings.store, userId, { limit, after: position });
  return records
    .filter((record) => endOf(record, now) === null)
    .map((record) => ({
      ...sessionInfo<Claims, Data>(record),
      current: record.sessionId === currentSessionId,
    }));
};

/** Copies a position out of anything that has one, such as a listed session. */
const positionOf = ({ createdAt, sessionId }: SessionPosition): SessionPosition => {
  if (!(Number.isSafeInteger(createdAt) && createdAt >= 0)) {
    throw new InvalidInputError('after.createdAt', 'must be a time in ms');
  }
  if (!isId(sessionId))
    throw new InvalidInputError('after.sessionId', 'must be the id of a session');
  return { createdAt, sessionId };
};

const readPage = async (
  store: SessionStore,
  userId: string,
  page: { readonly limit: number; readonly after?: SessionPosition | undefined },
): Promise<{ readonly records: readonly SessionRecord[]; readonly now: number }> => {
  const { records, now } = await callStore(() => store.list(userId, page));
  if (records.some((record) => record.userId !== userId)) {
    throw new StoreRecordError('it belongs to another user');
  }
  return { records, now };
};

/**
 * Reads all of a user's live sessions, page by page.
 *
 * @throws StoreRecordError, StoreUnavailableError
 */
export async function* readAllSessions(
  store: SessionStore,
  userId: string,
): AsyncGenerator<readonly SessionRecord[]> {
  const limit = maxSessionPage;
  for (let after: SessionPosition | undefined; ; ) {
    const { records } = await readPage(store, userId, { limit, after });
    yield records;
    after = records.at(-1);
    if (records.length < limit || !after) return;
  }
}
