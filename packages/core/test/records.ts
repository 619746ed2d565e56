import { presets } from '../src/session/presets.ts';
import type { RotationInput, RotationPolicy } from '../src/store/rotation.ts';
import type { GenerationRecord, SessionRecord } from '../src/store/session-record.ts';
import { bytesOf } from './roots.ts';

/** When the record of these tests was last rotated, in ms. */
export const rotatedAt = 1_900_000_000_000;

export const policy: RotationPolicy = presets.default;
export const strict: RotationPolicy = presets.strict;

/** Returns the hash of the refresh token of a generation. */
export const hashOf = (generation: number, line = 'main'): Uint8Array =>
  bytesOf(`${line} ${generation}`, 32);

export const generationRecordOf = (generation: number, line = 'main'): GenerationRecord => ({
  tokenHash: hashOf(generation, line),
  salt: bytesOf(`salt ${line} ${generation}`, 32),
  kid: 7,
  issuedAt: 1_900_000_000 + generation,
  accessHash: bytesOf(`access ${line} ${generation}`, 16),
});

export const callIdOf = (name: string): Uint8Array => bytesOf(`call ${name}`, 16);

/** A live session of generation 6 whose current token was derived and never used. */
export const record = (overrides: Partial<SessionRecord> = {}): SessionRecord => {
  const generation = overrides.generation ?? 6;
  const consumed = Array.from({ length: Math.min(generation, 4) }, (_, i) =>
    hashOf(generation - 1 - i).subarray(0, 8),
  );
  return {
    sessionId: 'AAAAAAAAAAAAAAAAAAAAAAAA',
    userId: 'ann',
    generation,
    floor: 0,
    kid: 7,
    tokenHash: hashOf(generation),
    salt: bytesOf('salt', 32),
    ring: new Uint8Array(Buffer.concat(consumed)),
    accessHash: bytesOf(`access ${generation}`, 16),
    previousAccessHash: null,
    confirmed: false,
    replays: 0,
    strikes: 0,
    lateRun: 0,
    lateReplayAt: null,
    lastCallId: null,
    createdAt: rotatedAt - 3_600_000,
    rotatedAt,
    issuedAt: rotatedAt / 1_000,
    lastActiveAt: rotatedAt,
    idleTimeout: 14 * 86_400_000,
    expiresAt: rotatedAt + 20 * 86_400_000,
    revokedAt: null,
    revokedReason: null,
    revokedBy: null,
    regressedAt: null,
    deviceId: null,
    attributes: '{}',
    claims: '{}',
    data: '{}',
    dataVersion: 0,
    dataCallIds: new Uint8Array(),
    ...overrides,
  };
};

/** The input of a rotation that presents the token of a generation. */
export const request = (
  generation: number,
  overrides: Partial<RotationInput> = {},
): RotationInput => ({
  sessionId: 'AAAAAAAAAAAAAAAAAAAAAAAA',
  generation,
  tokenHash: hashOf(generation),
  next: generationRecordOf(generation + 1, 'next'),
  callId: callIdOf('this'),
  policy,
  ...overrides,
});
