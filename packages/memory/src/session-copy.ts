import type { SessionRecord } from '@pawl/core/store';

/** Most rings are empty: those have no bytes to share. */
const none = new Uint8Array(0);

const copied = (bytes: Uint8Array): Uint8Array =>
  bytes.length === 0 ? none : new Uint8Array(bytes);

/**
 * A record that shares no bytes with the given one. (`slice` would not do: on
 * Node's `Buffer` it answers a view of the same bytes.)
 */
export const copyOf = (record: SessionRecord): SessionRecord => ({
  ...record,
  tokenHash: copied(record.tokenHash),
  salt: copied(record.salt),
  ring: copied(record.ring),
  accessHash: record.accessHash && copied(record.accessHash),
  previousAccessHash: record.previousAccessHash && copied(record.previousAccessHash),
});
