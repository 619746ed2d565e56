import type { GenerationRecord, NewSession } from '@pawl/core/store';

/**
 * Copies a generation with its bytes, for records that are returned without having been read from
 * the database. (`slice` is not enough: on Node's `Buffer` it returns a view of the same bytes.)
 */
export const copyGeneration = (next: GenerationRecord): GenerationRecord => ({
  tokenHash: new Uint8Array(next.tokenHash),
  salt: new Uint8Array(next.salt),
  kid: next.kid,
  issuedAt: next.issuedAt,
  accessHash: next.accessHash && new Uint8Array(next.accessHash),
});

/** Copies a new session with its bytes, without other properties of the caller's object. */
export const copySession = (session: NewSession): NewSession => ({
  sessionId: session.sessionId,
  userId: session.userId,
  first: copyGeneration(session.first),
  idleTimeout: session.idleTimeout,
  expiresAt: session.expiresAt,
  deviceId: session.deviceId,
  attributes: session.attributes,
  claims: session.claims,
  data: session.data,
  callId: session.callId,
});
