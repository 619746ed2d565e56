/** A part of a store that keeps what expires. */
export interface Cleanable {
  /** Removes what has expired, and returns how many entries that were. */
  deleteExpired(): Promise<number>;
}
