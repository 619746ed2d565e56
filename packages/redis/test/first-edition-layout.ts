import { expand } from '../src/session/dictionary.ts';

/** A record as nodes of the first edition (commit 17be396) read it: their `decodeSession`. */
export const decodeAsFirstEdition = (bytes: Buffer): Readonly<Record<string, unknown>> => {
  const flags = bytes[1] as number;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const copyOf = (start: number, end: number): Uint8Array =>
    new Uint8Array(bytes.subarray(start, end));
  let end = 119;
  const take = (length: number): Uint8Array => copyOf(end, (end += length));
  const text = (size: 2 | 4): string => {
    const start = end + size;
    end = start + bytes.readUIntBE(end, size);
    return bytes.toString('utf8', start, end);
  };
  const ring = take((bytes[15] as number) * 8);
  const accessHash = has(4) ? take(16) : null;
  const previousAccessHash = has(8) ? take(16) : null;
  const revokedAt = has(2) ? bytes.readUIntBE(end, 6) : null;
  if (revokedAt !== null) end += 6;
  const revokedReason = revokedAt === null ? null : text(2);
  const userId = text(2);
  const deviceId = has(16) ? text(2) : null;
  const attributes = text(4);
  const claims = text(4);
  return {
    userId,
    generation: bytes.readUInt32BE(4),
    floor: bytes.readUInt32BE(8),
    kid: bytes.readUInt16BE(2),
    tokenHash: copyOf(55, 87),
    salt: copyOf(87, 119),
    ring,
    accessHash,
    previousAccessHash,
    confirmed: has(1),
    replays: bytes.readUInt16BE(12),
    strikes: bytes[14],
    createdAt: bytes.readUIntBE(16, 6),
    rotatedAt: bytes.readUIntBE(22, 6),
    issuedAt: bytes.readUIntBE(46, 5),
    lastActiveAt: bytes.readUIntBE(28, 6),
    idleTimeout: bytes.readUIntBE(34, 6),
    expiresAt: bytes.readUIntBE(40, 6),
    revokedAt,
    revokedReason,
    deviceId,
    attributes: has(32) ? expand(attributes) : attributes,
    claims,
    data: bytes.toString('utf8', end),
    dataVersion: bytes.readUInt32BE(51),
  };
};
