import { readJsonObject } from '../json.ts';
import { expiryOf, type SessionRecord } from '../store/session-record.ts';
import { readAttributes, type SessionAttributes } from './attributes.ts';

/** A session as the application and its user may see it: it contains no credential. */
export interface SessionInfo<Claims, Data> extends SessionAttributes {
  readonly sessionId: string;
  readonly userId: string;
  /** In ms since the epoch on the store's clock, like the times below. */
  readonly createdAt: number;
  /** When a token of the session was last used, to the precision of `touchInterval`. */
  readonly lastActiveAt: number;
  /** When the session expires if it is not used any more. */
  readonly expiresAt: number;
  /** When the session expires in any case. */
  readonly absoluteExpiresAt: number;
  /** The claims that the next access token will carry. */
  readonly claims: Claims;
  /** The application's session data. */
  readonly data: Data;
}

/** A session in a list. */
export interface ListedSession<Claims, Data> extends SessionInfo<Claims, Data> {
  /** Whether it is the session of the request: `currentSessionId` of the call. */
  readonly current: boolean;
}

/** Returns what the application may see of a record, as a copy. */
export const sessionInfo = <Claims, Data>(record: SessionRecord): SessionInfo<Claims, Data> => ({
  ...readAttributes(record.attributes, record.deviceId),
  sessionId: record.sessionId,
  userId: record.userId,
  createdAt: record.createdAt,
  lastActiveAt: record.lastActiveAt,
  expiresAt: expiryOf(record),
  absoluteExpiresAt: record.expiresAt,
  claims: readJsonObject(record.claims) as Claims,
  data: readJsonObject(record.data) as Data,
});
