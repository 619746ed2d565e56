import { createHash, randomBytes } from 'node:crypto';
import type {
  DataWrite,
  ElevationRequest,
  NewApiKey,
  NewSession,
  RotationPolicy,
  RotationRequest,
  Successor,
} from '@pawl/core/store';

/** The core's default: a grace period of 10 s, and every other number that goes with it. */
export const defaultPolicy: RotationPolicy = {
  gracePeriod: 10_000,
  settlePeriod: 60_000,
  strikePeriod: 120_000,
  maxReplays: 5,
  maxUnconfirmedReplays: 20,
};

/** The core's preset `strict`: every replay revokes. */
export const strictPolicy: RotationPolicy = {
  gracePeriod: 0,
  settlePeriod: 0,
  strikePeriod: 0,
  maxReplays: 0,
  maxUnconfirmedReplays: 0,
};

// Suites in several processes may share one server, so ids start at a random place.
const origin = randomBytes(8);
let count = 0;

/** A user id that nobody has used before. */
export const newUserId = (): string => `user-${origin.toString('hex')}-${++count}`;

/** An id (of a session or an API key) that nobody has used before, in the shard of the user. */
export const newId = (userId: string): string => {
  const id = createHash('sha256').update(userId).digest().subarray(0, 2);
  const number = Buffer.alloc(8);
  // Times an odd number: still one id per count, but no longer in the order of creation.
  number.writeBigUInt64BE(BigInt.asUintN(64, BigInt(++count) * 0x9e3779b97f4a7c15n));
  return Buffer.concat([id, origin, number]).toString('base64url');
};

/** `length` bytes that look random and depend on the seed only. */
export const bytes = (seed: string, length: number): Uint8Array => {
  const digest = createHash('sha256').update(seed).digest();
  return Uint8Array.from({ length }, (_, i) => (digest[i % 32] as number) ^ (i >> 5));
};

/** The refresh token of a generation, in the line of descent that `seed` names. */
export const successor = (
  generation: number,
  seed: string = '',
  overrides: Partial<Successor> = {},
): Successor => ({
  tokenHash: bytes(`token ${generation} ${seed}`, 32),
  salt: bytes(`salt ${generation} ${seed}`, 32),
  kid: 1,
  issuedAt: 1_893_500_000 + generation,
  accessHash: bytes(`access ${generation} ${seed}`, 16),
  ...overrides,
});

/** A session of a user of its own; its tokens are those of `successor(n, sessionId)`. */
export const newSession = (overrides: Partial<NewSession> = {}): NewSession => {
  const userId = overrides.userId ?? newUserId();
  const sessionId = overrides.sessionId ?? newId(userId);
  return {
    sessionId,
    userId,
    first: successor(0, sessionId),
    idleTimeout: 14 * 86_400_000,
    expiresAt: Date.UTC(2090, 0),
    deviceId: null,
    attributes: '{"device":{"label":"Laptop"}}',
    claims: '{"role":"reader"}',
    data: '{"theme":"dark"}',
    ...overrides,
  };
};

/** Presents the refresh token of `generation` of a session that {@link newSession} made. */
export const rotation = (
  sessionId: string,
  generation: number,
  overrides: Partial<RotationRequest> = {},
): RotationRequest => ({
  sessionId,
  generation,
  tokenHash: successor(generation, sessionId).tokenHash,
  successor: successor(generation + 1, sessionId),
  policy: defaultPolicy,
  ...overrides,
});

/** A step-up of a session that {@link newSession} made. */
export const elevation = (
  sessionId: string,
  generation: number,
  overrides: Partial<ElevationRequest> = {},
): ElevationRequest => ({
  sessionId,
  generation,
  successor: successor(generation + 1, sessionId),
  attributes: '{"auth":{"acr":"2"}}',
  ...overrides,
});

/** A write of claims and data. */
export const dataWrite = (
  sessionId: string,
  dataVersion: number,
  overrides: Partial<DataWrite> = {},
): DataWrite => ({
  sessionId,
  dataVersion,
  claims: `{"role":"writer","version":${dataVersion + 1}}`,
  data: `{"theme":"light","version":${dataVersion + 1}}`,
  ...overrides,
});

/** An API key of a user of its own. */
export const newApiKey = (overrides: Partial<NewApiKey> = {}): NewApiKey => {
  const userId = overrides.userId ?? newUserId();
  const keyId = overrides.keyId ?? newId(userId);
  return {
    keyId,
    userId,
    tokenHash: bytes(`key ${keyId}`, 32),
    name: 'deploy',
    claims: '{"scope":"read"}',
    expiresAt: null,
    ...overrides,
  };
};
