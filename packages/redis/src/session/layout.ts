import {
  callIdLength,
  type GenerationRecord,
  type NewSession,
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
 * |     15 |     1 | number of hashes in the ring, 0 to 4                   |
 * |     16 |     6 | createdAt                                              |
 * |     22 |     6 | rotatedAt                                              |
 * |     28 |     6 | lastActiveAt                                           |
 * |     34 |     6 | idleTimeout                                            |
 * |     40 |     6 | expiresAt                                              |
 * |     46 |     5 | issuedAt                                               |
 * |     51 |     4 | dataVersion                                            |
 * |     55 |    32 | tokenHash                                              |
 * |     87 |    32 | salt                                                   |
 * |    119 |   0 … | ring; accessHash (16); previousAccessHash (16)         |
 * |      … |       | extras, if any: see below                              |
 * |      … |       | if revoked: revokedAt (6), reason (length in 2), revokedBy (16) |
 * |      … |       | userId (length in 2), deviceId (length in 2, if any)   |
 * |      … |       | attributes, claims (lengths in 4); data to the end     |
 *
 * Extras are what few sessions have: lateRun (1), lateReplayAt (6, 0 for null), regressedAt (6, 0
 * for null), the lengths of the last two (1 and 1), lastCallId, dataCallIds. A record of the first
 * edition of the protocol has none, and no revokedBy: it is read as it is.
 */
const at = {
  times: 16,
  idleTimeout: 34,
  tokenHash: 55,
  salt: 87,
  ring: 119,
} as const;

const ringHash = 8;
const accessHash = 16;

const flag = {
  confirmed: 1,
  revoked: 2,
  access: 4,
  previousAccess: 8,
  device: 16,
  shortened: 32,
  extras: 64,
  revokedBy: 128,
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
  let end: number = at.ring;
  const take = (length: number): Uint8Array => copyOf(bytes, end, (end += length));
  const text = (size: 2 | 4): string => {
    const start = end + size;
    end = start + bytes.readUIntBE(end, size);
    return bytes.toString('utf8', start, end);
  };
  const ring = take((bytes[15] as number) * ringHash);
  const access = has(flag.access) ? take(accessHash) : null;
  const previousAccess = has(flag.previousAccess) ? take(accessHash) : null;
  const extras = has(flag.extras) ? takeExtras(bytes, end) : noExtras;
  end += extras.size;
  const revokedAt = has(flag.revoked) ? bytes.readUIntBE(end, 6) : null;
  if (revokedAt !== null) end += 6;
  const revokedReason = revokedAt === null ? null : text(2);
  const revokedBy = has(flag.revokedBy) ? take(callIdLength) : null;
  const userId = text(2);
  const deviceId = has(flag.device) ? text(2) : null;
  const attributes = text(4);
  const claims = text(4);
  return {
    sessionId,
    userId,
    generation: bytes.readUInt32BE(4),
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
    lateRun: extras.lateRun,
    lateReplayAt: extras.lateReplayAt,
    lastCallId: extras.lastCallId,
    createdAt: bytes.readUIntBE(16, 6),
    rotatedAt: bytes.readUIntBE(22, 6),
    issuedAt: bytes.readUIntBE(46, 5),
    lastActiveAt: bytes.readUIntBE(28, 6),
    idleTimeout: bytes.readUIntBE(34, 6),
    expiresAt: bytes.readUIntBE(40, 6),
    revokedAt,
    revokedReason,
    revokedBy,
    regressedAt: extras.regressedAt,
    deviceId,
    attributes: has(flag.shortened) ? expand(attributes) : attributes,
    claims,
    data: bytes.toString('utf8', end),
    dataVersion: bytes.readUInt32BE(51),
    dataCallIds: extras.dataCallIds,
  };
};

const copyOf = (bytes: Buffer, start: number, end: number): Uint8Array =>
  new Uint8Array(bytes.subarray(start, end));

type Extras = Pick<
  SessionRecord,
  'lateRun' | 'lateReplayAt' | 'regressedAt' | 'lastCallId' | 'dataCallIds'
> & { readonly size: number };

const noExtras: Extras = {
  lateRun: 0,
  lateReplayAt: null,
  regressedAt: null,
  lastCallId: null,
  dataCallIds: new Uint8Array(),
  size: 0,
};

const takeExtras = (bytes: Buffer, start: number): Extras => {
  const [lastLength = 0, dataLength = 0] = bytes.subarray(start + 13, start + 15);
  const data = start + 15 + lastLength;
  const end = data + dataLength;
  return {
    lateRun: bytes[start] as number,
    lateReplayAt: bytes.readUIntBE(start + 1, 6) || null,
    regressedAt: bytes.readUIntBE(start + 7, 6) || null,
    lastCallId: lastLength === 0 ? null : copyOf(bytes, start + 15, data),
    dataCallIds: copyOf(bytes, data, end),
    size: end - start,
  };
};
