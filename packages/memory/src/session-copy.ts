import type { SessionRecord } from '@pawl/core/store';

/**
 * A record that shares no bytes with the given one. (`slice` would not do: on
 * Node's `Buffer` it answers a view of the same bytes.)
 */
export const copyOf = (record: SessionRecord): SessionRecord => ({
  ...record,
  tokenHash: new Uint8Array(record.tokenHash),
  salt: new Uint8Array(record.salt),
  ring: new Uint8Array(record.ring),
  accessHash: record.accessHash && new Uint8Array(record.accessHash),
  previousAccessHash: record.previousAccessHash && new Uint8Array(record.previousAccessHash),
});
