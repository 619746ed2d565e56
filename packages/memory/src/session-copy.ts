import type { SessionRecord } from '@pawl/core/store';

/** Shared by all empty rings, which are the most. */
const empty = new Uint8Array(0);

const copyBytes = (bytes: Uint8Array): Uint8Array =>
  bytes.length === 0 ? empty : new Uint8Array(bytes);

/**
 * Returns a copy that shares no bytes with the record. It does not use `slice`, which returns a view of the
 * same bytes for Node's `Buffer`.
 */
export const copyOf = (record: SessionRecord): SessionRecord => ({
  ...record,
  tokenHash: copyBytes(record.tokenHash),
  salt: copyBytes(record.salt),
  ring: copyBytes(record.ring),
  accessHash: record.accessHash && copyBytes(record.accessHash),
  previousAccessHash: record.previousAccessHash && copyBytes(record.previousAccessHash),
  lastCallId: record.lastCallId && copyBytes(record.lastCallId),
  revokedBy: record.revokedBy && copyBytes(record.revokedBy),
  dataCallIds: copyBytes(record.dataCallIds),
});
