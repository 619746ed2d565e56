import type { GenerationRecord, NewSession } from '@pawl/core/store';

/**
 * A successor that shares no bytes with the caller's, for records that are
 * answered without having come from the database. (`slice` would not do: on
 * Node's `Buffer` it answers a view of the same bytes.)
 */
export const ownGenerationRecord = (next: GenerationRecord): GenerationRecord => ({
  tokenHash: new Uint8Array(next.tokenHash),
  salt: new Uint8Array(next.salt),
  kid: next.kid,
  issuedAt: next.issuedAt,
  accessHash: next.accessHash && new Uint8Array(next.accessHash),
});

/** What a new record is made of, and nothing else that the caller's object may have. */
export const ownSession = (session: NewSession): NewSession => ({
  sessionId: session.sessionId,
  userId: session.userId,
  first: ownGenerationRecord(session.first),
  idleTimeout: session.idleTimeout,
  expiresAt: session.expiresAt,
  deviceId: session.deviceId,
  attributes: session.attributes,
  claims: session.claims,
  data: session.data,
});
