import type { ColumnType } from 'kysely';

/** Whole numbers of 8 bytes: `pg` answers them as strings, unless the application told it not to. */
type Big = ColumnType<number | string, number, number>;
type BigOrNull = ColumnType<number | string | null, number | null, number | null>;

/** Times in ms since the epoch, on the database's clock. What they mean: `SessionRecord` of `@pawl/core`. */
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
  created_at: Big;
  rotated_at: Big;
  /** The `rotated_at` before: so that one `update` can answer how long ago that was. */
  previous_rotated_at: Big;
  /** Seconds, on the application's clock. */
  issued_at: Big;
  last_active_at: Big;
  idle_timeout: Big;
  expires_at: Big;
  /** When the cleanup looks at the row next: never later than it expires. Not moved by activity. */
  sweep_at: Big;
  revoked_at: BigOrNull;
  revoked_reason: string | null;
  device_id: string | null;
  /** JSON. */
  attributes: string;
  /** JSON. */
  claims: string;
  /** JSON. */
  data: string;
  data_version: number;
}

/** Rows that creations with a limit lock: each user has one of 512. */
export interface LocksTable {
  slot: number;
  version: Big;
}

export interface BlocklistTable {
  id: string;
  expires_at: Big;
}

export interface SingleUseTable {
  id: string;
  value: string;
  expires_at: Big;
}

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
}

export interface LeasesTable {
  name: string;
  fence: Big;
  expires_at: Big;
}

export interface RateLimitsTable {
  id: string;
  /** When the bucket is full again. */
  full_at: Big;
  /** What `full_at` was before the last call: so that one statement can answer it. Not on MySQL. */
  previous_full_at?: Big;
}

interface Tables {
  sessions: SessionsTable;
  locks: LocksTable;
  blocklist: BlocklistTable;
  single_use: SingleUseTable;
  api_keys: ApiKeysTable;
  leases: LeasesTable;
  rate_limits: RateLimitsTable;
}

/**
 * The tables by their names, to be merged into an application's own Kysely
 * `Database` type: `interface Database extends PawlTables { … }`. For reading:
 * rows are written by the store only.
 */
export type PawlTables<Prefix extends string = 'pawl_'> = {
  [Name in keyof Tables as `${Prefix}${Name}`]: Tables[Name];
};
