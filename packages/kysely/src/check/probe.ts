import { ConfigurationError } from '@pawl/core';
import { encodeBase64url, isBytes } from '@pawl/core/internal';
import {
  type NewSession,
  newCallId,
  type RotationInput,
  type SessionRecord,
  type Store,
} from '@pawl/core/store';

/** The keys of the rows that a probe writes. */
export interface ProbeKeys {
  readonly userId: string;
  readonly sessionId: string;
  readonly keyId: string;
  /** An id of the blocklist, a single-use value, a lease and a rate limit. */
  readonly id: string;
}

/** Text that a connection without UTF-8 or with another way to escape would change. */
const oddText = '\\ \' " é 日本 \u{1F600} ? :a $1 %_';
/** In ms: no probe takes as long, and what it leaves behind is removed by the cleanup. */
const lifetime = 60_000;

export const newProbeKeys = (): ProbeKeys => {
  const id = encodeBase64url(newCallId());
  return {
    userId: `pawl check ${id} ${oddText}`,
    sessionId: encodeBase64url(bytes(18)),
    keyId: encodeBase64url(bytes(18)),
    id: `pawl check ${id} ${oddText} a`,
  };
};

const bytes = (length: number): Uint8Array => {
  const all = [newCallId(), newCallId(), newCallId()].flatMap((part) => [...part]);
  // Bytes that a text would not keep.
  return new Uint8Array([0, 255, 10, 39, 92, ...all].slice(0, length));
};

const policy: RotationInput['policy'] = {
  gracePeriod: 0,
  settlePeriod: 0,
  strikePeriod: 0,
  maxReplays: 0,
  maxUnconfirmedReplays: 0,
  maxLateRun: 1,
  regressionPeriod: 0,
};

/**
 * Writes through each part of a store and reads back, as the store does it for the application.
 *
 * @throws ConfigurationError if what is read is not what was written
 */
export const probeStore = async (store: Store, keys: ProbeKeys): Promise<void> => {
  await probeSessions(store, keys);
  await probeApiKeys(store, keys);
  await probeOthers(store, keys);
};

const probeSessions = async ({ sessions }: Store, keys: ProbeKeys): Promise<void> => {
  const { userId, sessionId } = keys;
  const generation = (): NewSession['first'] => ({
    tokenHash: bytes(32),
    salt: bytes(32),
    kid: 1,
    issuedAt: 1_700_000_000,
    accessHash: bytes(32),
  });
  const session: NewSession = {
    sessionId,
    userId,
    first: generation(),
    idleTimeout: lifetime,
    // Beyond 32 bits, and beyond the digits of a float of 4 bytes.
    expiresAt: 8_640_000_000_000_001,
    deviceId: oddText,
    attributes: JSON.stringify({ text: oddText }),
    claims: '{}',
    data: '',
    callId: newCallId(),
  };
  const created = await sessions.create(session);
  expectSame('sessions.create', created.kind, 'created');
  const found = (await sessions.find(sessionId))?.record;
  expectSession('sessions.find', found, session, session.first);

  const next = generation();
  const { tokenHash } = session.first;
  const rotation = { sessionId, generation: 0, tokenHash, next, callId: newCallId(), policy };
  expectSame('sessions.rotate', (await sessions.rotate(rotation)).kind, 'rotated');
  const rotated = (await sessions.find(sessionId))?.record;
  expectSession('sessions.rotate', rotated, session, next);
  expectSame('sessions.rotate', rotated?.ring, tokenHash.slice(0, 8));

  const revocation = { userId, reason: oddText, callId: newCallId() };
  const { revoked } = await sessions.revokeAll(revocation);
  expectSame('sessions.revokeAll', revoked, [sessionId]);
  const reason = (await sessions.find(sessionId))?.record.revokedReason;
  expectSame('sessions.revokeAll', reason, oddText);
};

const expectSession = (
  verb: string,
  record: SessionRecord | undefined,
  { sessionId, userId, expiresAt, deviceId, attributes, claims, data }: NewSession,
  generation: NewSession['first'],
): void => {
  const expected = { sessionId, userId, expiresAt, deviceId, attributes, claims, data };
  for (const [name, value] of Object.entries({ ...expected, ...generation })) {
    expectSame(verb, record?.[name as keyof SessionRecord], value);
  }
};

const probeApiKeys = async ({ apiKeys }: Store, { keyId, userId }: ProbeKeys): Promise<void> => {
  const key = { keyId, userId, tokenHash: bytes(32), name: oddText, claims: '', expiresAt: null };
  await apiKeys.create(key);
  const found = (await apiKeys.find(keyId))?.record;
  for (const [name, value] of Object.entries(key)) {
    expectSame('apiKeys.find', found?.[name as keyof typeof key], value);
  }
  expectSame('apiKeys.revokeAll', await apiKeys.revokeAll({ userId, callId: newCallId() }), 1);
};

const probeOthers = async (
  { blocklist, singleUse, leases, rateLimits }: Store,
  { id }: ProbeKeys,
): Promise<void> => {
  const now = (await leases.acquire(id, lifetime, newCallId()))?.fence;
  if (now === undefined) throw differs('leases.acquire');
  expectSame('leases.acquire', await leases.acquire(id, lifetime, newCallId()), null);
  expectSame('leases.renew', await leases.renew(id, { fence: now }, lifetime), true);

  await blocklist.revoke(id, now + lifetime);
  expectSame('blocklist.isRevoked', await blocklist.isRevoked([id]), true);
  // Ids that a collation could take for the same.
  const similar = [`${id.slice(0, -1)}A`, `${id.slice(0, -1)}á`, `${id} `, id.slice(1)];
  expectSame('blocklist.isRevoked', await blocklist.isRevoked(similar), false);

  expectSame('singleUse.put', await singleUse.put(id, oddText, lifetime, newCallId()), true);
  expectSame('singleUse.put', await singleUse.put(id, '', lifetime, newCallId()), false);
  expectSame('singleUse.take', await singleUse.take(id, newCallId()), oddText);
  expectSame('singleUse.take', await singleUse.take(id, newCallId()), null);

  const limit = { capacity: 1, refillInterval: lifetime };
  expectSame('rateLimits', (await rateLimits.consume(id, limit, newCallId())).allowed, true);
  expectSame('rateLimits', (await rateLimits.consume(id, limit, newCallId())).allowed, false);
};

const expectSame = (verb: string, actual: unknown, expected: unknown): void => {
  if (textOf(actual) !== textOf(expected)) throw differs(verb);
};

const textOf = (value: unknown): string =>
  JSON.stringify(isBytes(value) ? [...value] : (value ?? null));

const differs = (verb: string): ConfigurationError =>
  new ConfigurationError(
    'db',
    `${verb}: what is read is not what was written; does a plugin, an option of the driver, a row policy or a trigger change values?`,
  );
