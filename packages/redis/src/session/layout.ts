import {
  callIdLength,
  type GenerationRecord,
  type NewSession,
  ringHashBytes,
  ringLength,
  type SessionRecord,
} from '@pawl/core/store';
import { expand, shorten } from './dictionary.ts';

/**
 * A session is one string value with a fixed binary layout, because a Redis hash with fields as long
 * as a token hash takes 1.3 kB. Big-endian. The Lua functions in `lua/session/record.ts` read and
 * write the same layout.
 *
 * | offset | bytes | field                                                  |
 * | -----: | ----: | ------------------------------------------------------ |
 * |      0 |     1 | version, 1                                             |
 * |      1 |     1 | flags, see below                                       |
 * |      2 |     2 | kid                                                    |
 * |      4 |     4 | generation                                             |
 * |      8 |     4 | floor                                                  |
 * |     12 |     2 | replays                                                |
 * |     14 |     1 | strikes                                                |
 * |     15 |     1 | length of the ring and the extras, in units of 8 bytes |
 * |     16 |     6 | createdAt                                              |
 * |     22 |     6 | lateReplayAt, or rotatedAt if there is none            |
 * |     28 |     6 | lastActiveAt                                           |
 * |     34 |     6 | idleTimeout                                            |
 * |     40 |     6 | expiresAt                                              |
 * |     46 |     5 | issuedAt                                               |
 * |     51 |     4 | dataVersion                                            |
 * |     55 |    32 | tokenHash                                              |
 * |     87 |    32 | salt                                                   |
 * |    119 |   0 … | ring: 8 bytes of each of up to four consumed hashes    |
 * |      … |     … | extras, if any: zeros up to offset 151, then see below |
 * |      … |     … | accessHash (16); previousAccessHash (16), if any       |
 * |      … |     … | if revoked: revokedAt (6), reason (length in 2)        |
 * |      … |     … | userId (length in 2), deviceId (length in 2, if any)   |
 * |      … |     … | attributes, claims (lengths in 4); data to the end     |
 *
 * Few sessions have extras: lateRun (2), which ids follow (2: bit 0 lastCallId, bit 1 revokedBy, from
 * bit 2 on the number of dataCallIds), rotatedAt if there is a lateReplayAt (6, else 0),
 * regressedAt (6, 0 for null), and the ids, 16 bytes each.
 *
 * A node of the first edition of the protocol can read such a record: it treats the extras as older
 * entries of the ring, which it never compares and drops at its next rotation. So nodes of both
 * editions can serve the same sessions during an upgrade.
 */
const at = {
  units: 15,
  times: 16,
  idleTimeout: 34,
  tokenHash: 55,
  salt: 87,
  ring: 119,
  extras: 119 + ringLength * ringHashBytes,
} as const;

const accessHash = 16;

const flag = {
  confirmed: 1,
  revoked: 2,
  access: 4,
  previousAccess: 8,
  device: 16,
  shortened: 32,
} as const;

/** The bytes of a new session before and after the times, which the script fills in. */
export interface NewSessionBytes {
  readonly head: Buffer;
  readonly tail: Buffer;
}

/** Returns the bytes of a new session without its times. */
export const encodeNewSession = (session: NewSession): NewSessionBytes => {
  const { first } = session;
  const attributes = encodeAttributes(session.attributes);
  const head = Buffer.alloc(at.times);
  head[0] = 1;
  head[1] =
    (first.accessHash ? flag.access : 0) |
    (session.deviceId === null ? 0 : flag.device) |
    (attributes.shortened ? flag.shortened : 0);
  head.writeUInt16BE(first.kid, 2);
  const numbers = Buffer.alloc(at.tokenHash - at.idleTimeout);
  numbers.writeUIntBE(session.idleTimeout, 0, 6);
  numbers.writeUIntBE(session.expiresAt, 6, 6);
  numbers.writeUIntBE(first.issuedAt, 12, 5);
  const tail = Buffer.concat([
    numbers,
    packGeneration(first),
    withLength(Buffer.from(session.userId), 2),
    session.deviceId === null ? empty : withLength(Buffer.from(session.deviceId), 2),
    attributes.bytes,
    encodeClaims(session.claims),
    Buffer.from(session.data),
  ]);
  return { head, tail };
};

/** Inserts the store's time: returns the record as the script has written it. */
export const completeNewSession = ({ head, tail }: NewSessionBytes, now: number): Buffer => {
  const times = Buffer.alloc(at.idleTimeout - at.times);
  for (const offset of [0, 6, 12]) times.writeUIntBE(now, offset, 6);
  return Buffer.concat([head, times, tail]);
};

/** Packs the token hash, the salt and the access hash (16 bytes, if any) as in the record. */
export const packGeneration = ({ tokenHash, salt, accessHash }: GenerationRecord): Buffer =>
  Buffer.concat([tokenHash, salt, ...(accessHash ? [accessHash] : [])]);

/** Returns the attributes with their length, and whether they are shortened. */
export const encodeAttributes = (json: string): { bytes: Buffer; shortened: boolean } => {
  const short = shorten(json);
  return { bytes: withLength(Buffer.from(short ?? json), 4), shortened: short !== null };
};

/** Returns the claims with their length. */
export const encodeClaims = (json: string): Buffer => withLength(Buffer.from(json), 4);

const empty = Buffer.alloc(0);

/** Puts the length before the bytes. */
const withLength = (bytes: Buffer, size: 2 | 4): Buffer => {
  const length = Buffer.alloc(size);
  length.writeUIntBE(bytes.length, 0, size);
  return Buffer.concat([length, bytes]);
};

/** Reads the bytes of a session. They may be a view of the driver's buffer, so fields are copied. */
export const decodeSession = (sessionId: string, bytes: Buffer): SessionRecord => {
  const flags = bytes[1] as number;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const generation = bytes.readUInt32BE(4);
  const ring = copyOf(bytes, at.ring, at.ring + Math.min(generation, ringLength) * ringHashBytes);
  const extras = extrasOf(bytes);
  let end = at.ring + (bytes[at.units] as number) * ringHashBytes;
  const take = (length: number): Uint8Array => copyOf(bytes, end, (end += length));
  const text = (size: 2 | 4): string => {
    const start = end + size;
    end = start + bytes.readUIntBE(end, size);
    return bytes.toString('utf8', start, end);
  };
  const access = has(flag.access) ? take(accessHash) : null;
  const previousAccess = has(flag.previousAccess) ? take(accessHash) : null;
  const revokedAt = has(flag.revoked) ? bytes.readUIntBE(end, 6) : null;
  if (revokedAt !== null) end += 6;
  const revokedReason = revokedAt === null ? null : text(2);
  const userId = text(2);
  const deviceId = has(flag.device) ? text(2) : null;
  const attributes = text(4);
  const claims = text(4);
  return {
    sessionId,
    userId,
    generation,
    floor: bytes.readUInt32BE(8),
    kid: bytes.readUInt16BE(2),
    tokenHash: copyOf(bytes, at.tokenHash, at.salt),
    salt: copyOf(bytes, at.salt, at.ring),
    ring,
    accessHash: access,
    previousAccessHash: previousAccess,
    confirmed: has(flag.confirmed),
    replays: bytes.readUInt16BE(12),
    strikes: bytes[14] as number,
    createdAt: bytes.readUIntBE(16, 6),
    issuedAt: bytes.readUIntBE(46, 5),
    lastActiveAt: bytes.readUIntBE(28, 6),
    idleTimeout: bytes.readUIntBE(34, 6),
    expiresAt: bytes.readUIntBE(40, 6),
    revokedAt,
    revokedReason,
    deviceId,
    attributes: has(flag.shortened) ? expand(attributes) : attributes,
    claims,
    data: bytes.toString('utf8', end),
    dataVersion: bytes.readUInt32BE(51),
    ...extras,
  };
};

const copyOf = (bytes: Buffer, start: number, end: number): Uint8Array =>
  new Uint8Array(bytes.subarray(start, end));

type Extras = Pick<
  SessionRecord,
  | 'rotatedAt'
  | 'lateRun'
  | 'lateReplayAt'
  | 'lastCallId'
  | 'revokedBy'
  | 'regressedAt'
  | 'dataCallIds'
>;

const extrasOf = (bytes: Buffer): Extras => {
  const handedOutAt = bytes.readUIntBE(22, 6);
  if ((bytes[at.units] as number) <= ringLength) return { ...noExtras, rotatedAt: handedOutAt };
  const calls = bytes.readUInt16BE(at.extras + 2);
  const before = bytes.readUIntBE(at.extras + 4, 6);
  let end: number = at.extras + 16;
  const take = (count: number): Uint8Array => copyOf(bytes, end, (end += count * callIdLength));
  return {
    rotatedAt: before || handedOutAt,
    lateRun: bytes.readUInt16BE(at.extras),
    lateReplayAt: before === 0 ? null : handedOutAt,
    lastCallId: calls & 1 ? take(1) : null,
    revokedBy: calls & 2 ? take(1) : null,
    regressedAt: bytes.readUIntBE(at.extras + 10, 6) || null,
    dataCallIds: take(calls >> 2),
  };
};

const noExtras: Omit<Extras, 'rotatedAt'> = {
  lateRun: 0,
  lateReplayAt: null,
  lastCallId: null,
  revokedBy: null,
  regressedAt: null,
  dataCallIds: new Uint8Array(),
};
