import type { ColumnType } from 'kysely';

/** An 8-byte integer. `pg` returns it as a string, unless the application has configured a parser. */
type Big = ColumnType<number | string, number, number>;
type BigOrNull = ColumnType<number | string | null, number | null, number | null>;

/**
 * The table of sessions. Times are in ms since the epoch, by the database's clock. The columns are
 * the fields of `SessionRecord` of `@pawl/core/store`.
 */
export interface SessionsTable {
  session_id: string;
  user_id: string;
  generation: Big;
  floor: Big;
  kid: number;
  /** SHA-256 of the current refresh token. */
  token_hash: Uint8Array;
  salt: Uint8Array;
  ring: Uint8Array;
  access_hash: Uint8Array | null;
  previous_access_hash: Uint8Array | null;
  /** 0 or 1. */
  confirmed: number;
  replays: number;
  strikes: number;
  late_run: number;
  late_replay_at: BigOrNull;
  /** The callId of the last call that was counted as a replay or strike in this generation. */
  last_call_id: Uint8Array | null;
  created_at: Big;
  rotated_at: Big;
  /** The previous `rotated_at`, so that one `update` can return the time since that rotation. */
  previous_rotated_at: Big;
  /** In seconds since the epoch, by the application's clock. */
  issued_at: Big;
  last_active_at: Big;
  idle_timeout: Big;
  expires_at: Big;
  /**
   * When the cleanup checks the row next; never later than the session expires. Activity does not
   * change it.
   */
  sweep_at: Big;
  revoked_at: BigOrNull;
  revoked_reason: string | null;
  /** The callId of the call that revoked it. */
  revoked_by: Uint8Array | null;
  /** When a token that is newer than the row was first seen: the database has lost a write. */
  regressed_at: BigOrNull;
  device_id: string | null;
  /** JSON. */
  attributes: string;
  /** JSON. */
  claims: string;
  /** JSON. */
  data: string;
  data_version: number;
  /** The callIds of the last four writes of data, newest first. */
  data_call_ids: Uint8Array | null;
}

/** The table of locks: 512 rows, one per user, which creations under a session limit lock. */
export interface LocksTable {
  slot: number;
  version: Big;
}

/** The table of blocked token and session ids. */
export interface BlocklistTable {
  id: string;
  /** In ms since the epoch. */
  expires_at: Big;
}

/** The table of single-use values. */
export interface SingleUseTable {
  id: string;
  value: string;
  /** In ms since the epoch; 0 once the value is taken. */
  expires_at: Big;
  /** The callId of the call that stored the value; on MySQL with a byte after it. */
  put_by: Uint8Array | null;
  /** The callId of the call that took the value. */
  taken_by: Uint8Array | null;
  /** Until when that call gets the value again if it is sent again. */
  taken_until: BigOrNull;
}

/** The table of API keys. Times are in ms since the epoch, by the database's clock. */
export interface ApiKeysTable {
  key_id: string;
  user_id: string;
  /** SHA-256 of the key. */
  token_hash: Uint8Array;
  name: string;
  /** JSON. */
  claims: string;
  created_at: Big;
  expires_at: BigOrNull;
  last_used_at: BigOrNull;
  revoked_at: BigOrNull;
  /** The callId of the call that revoked it. */
  revoked_by: Uint8Array | null;
}

/** The table of leases. */
export interface LeasesTable {
  name: string;
  fence: Big;
  /** In ms since the epoch. */
  expires_at: Big;
  /** The callId of the call that got the lease. */
  granted_by: Uint8Array | null;
}

/** The table of rate limits: one row per bucket. */
export interface RateLimitsTable {
  id: string;
  /** When the bucket is full again, in ms since the epoch. */
  full_at: Big;
  /** `full_at` before the last call, so that one statement can return it. Not on MySQL. */
  previous_full_at?: Big;
  /** The callId of the last call that took tokens; on MySQL with a byte after it if it was sent again. */
  last_call_id: Uint8Array | null;
  /** The time of the last call, in ms since the epoch. */
  seen_at: BigOrNull;
}

/** The table of times before which all tokens of a user are revoked. */
export interface UserTimesTable {
  subject: string;
  /** In microseconds since the epoch. */
  not_before: Big;
  /** In ms since the epoch. */
  expires_at: Big;
}

interface Tables {
  sessions: SessionsTable;
  locks: LocksTable;
  blocklist: BlocklistTable;
  single_use: SingleUseTable;
  api_keys: ApiKeysTable;
  leases: LeasesTable;
  rate_limits: RateLimitsTable;
  user_times: UserTimesTable;
}

/**
 * The tables by name, for the application's own Kysely `Database` type. Read from these tables, but
 * do not write to them: only the store does.
 *
 * @example
 * interface Database extends PawlTables {
 *   users: { id: string; password_hash: string };
 * }
 */
export type PawlTables<Prefix extends string = 'pawl_'> = {
  [Name in keyof Tables as `${Prefix}${Name}`]: Tables[Name];
};
