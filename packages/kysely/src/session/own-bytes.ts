import type { NewSession, Successor } from '@pawl/core/store';

/**
 * A successor that shares no bytes with the caller's, for records that are
 * answered without having come from the database. (`slice` would not do: on
 * Node's `Buffer` it answers a view of the same bytes.)
 */
export const ownSuccessor = (successor: Successor): Successor => ({
  tokenHash: new Uint8Array(successor.tokenHash),
  salt: new Uint8Array(successor.salt),
  kid: successor.kid,
  issuedAt: successor.issuedAt,
  accessHash: successor.accessHash && new Uint8Array(successor.accessHash),
});

/** What a new record is made of, and nothing else that the caller's object may have. */
export const ownSession = (session: NewSession): NewSession => ({
  sessionId: session.sessionId,
  userId: session.userId,
  first: ownSuccessor(session.first),
  idleTimeout: session.idleTimeout,
  expiresAt: session.expiresAt,
  deviceId: session.deviceId,
  attributes: session.attributes,
  claims: session.claims,
  data: session.data,
});
