import type { NewSession, SessionRecord } from '@pawl/core';

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

/** What a new session is stored as: the store adds its own time and the zeroes. */
export const recordOf = (session: NewSession, now: number): SessionRecord => {
  const { first } = session;
  return copyOf({
    sessionId: session.sessionId,
    userId: session.userId,
    generation: 0,
    floor: 0,
    kid: first.kid,
    tokenHash: first.tokenHash,
    salt: first.salt,
    ring: new Uint8Array(0),
    accessHash: first.accessHash,
    previousAccessHash: null,
    confirmed: false,
    replays: 0,
    strikes: 0,
    createdAt: now,
    rotatedAt: now,
    issuedAt: first.issuedAt,
    lastActiveAt: now,
    idleTimeout: session.idleTimeout,
    expiresAt: session.expiresAt,
    revokedAt: null,
    revokedReason: null,
    deviceId: session.deviceId,
    attributes: session.attributes,
    claims: session.claims,
    data: session.data,
    dataVersion: 0,
  });
};
