import { readJsonObject } from '../json.ts';
import { expiryOf, type SessionRecord } from '../store/session-record.ts';
import { readAttributes, type SessionAttributes } from './attributes.ts';

/** A session as the application and its user may see it: nothing in it is a credential. */
export interface SessionInfo<Claims, Data> extends SessionAttributes {
  readonly sessionId: string;
  readonly userId: string;
  /** In ms since the epoch on the store's clock, like the others. */
  readonly createdAt: number;
  readonly lastActiveAt: number;
  /** When it expires if nobody uses it any more. */
  readonly expiresAt: number;
  /** When it expires in any case. */
  readonly absoluteExpiresAt: number;
  /** The claims that the next access token will carry. */
  readonly claims: Claims;
  readonly data: Data;
}

/** A session in a list. */
export interface ListedSession<Claims, Data> extends SessionInfo<Claims, Data> {
  /** Whether it is the session that asks. */
  readonly current: boolean;
}

/** Reads a record for the application: a copy, all its own. */
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
