import { type ApiKeyRecord, callIdLength, type NewApiKey } from '@pawl/core/store';

/**
 * An API key is one string value, as a session is (`session/layout.ts`). The Lua functions in
 * `lua/api-key/record.ts` read and write the same layout.
 *
 * | offset | bytes | field                                           |
 * | -----: | ----: | ----------------------------------------------- |
 * |      0 |     1 | version, 1                                      |
 * |      1 |     1 | flags: 1 expires, 2 used, 4 revoked, 8 by       |
 * |      2 |     6 | createdAt                                       |
 * |      8 |     6 | expiresAt                                       |
 * |     14 |     6 | lastUsedAt                                      |
 * |     20 |     6 | revokedAt                                       |
 * |     26 |    32 | tokenHash                                       |
 * |     58 |     … | userId, name (lengths in 2); claims             |
 * |      … |    16 | revokedBy, if the flag says so                  |
 *
 * A node that knows only the first edition of the protocol takes the last for a part of the
 * claims, which nobody reads once the key is revoked.
 */
const at = { tokenHash: 26, texts: 58 } as const;
const flag = { expires: 1, used: 2, revoked: 4, revokedBy: 8 } as const;

/** Returns the bytes of a new API key; the script fills in `createdAt`. */
export const encodeNewApiKey = (key: NewApiKey): Buffer => {
  const head = Buffer.alloc(at.tokenHash);
  head[0] = 1;
  head[1] = key.expiresAt === null ? 0 : flag.expires;
  head.writeUIntBE(key.expiresAt ?? 0, 8, 6);
  return Buffer.concat([
    head,
    key.tokenHash,
    withLength(Buffer.from(key.userId)),
    withLength(Buffer.from(key.name)),
    Buffer.from(key.claims),
  ]);
};

/** Puts the length before the bytes. */
const withLength = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** Reads the bytes of an API key. */
export const decodeApiKey = (keyId: string, bytes: Buffer): ApiKeyRecord => {
  const flags = bytes[1] as number;
  const time = (offset: number, bit: number): number | null =>
    (flags & bit) === 0 ? null : bytes.readUIntBE(offset, 6);
  const hasRevokedBy = (flags & flag.revokedBy) !== 0;
  const end = bytes.length - (hasRevokedBy ? callIdLength : 0);
  const name = at.texts + 2 + bytes.readUInt16BE(at.texts);
  const claims = name + 2 + bytes.readUInt16BE(name);
  return {
    keyId,
    userId: bytes.toString('utf8', at.texts + 2, name),
    tokenHash: new Uint8Array(bytes.subarray(at.tokenHash, at.texts)),
    name: bytes.toString('utf8', name + 2, claims),
    claims: bytes.toString('utf8', claims, end),
    createdAt: bytes.readUIntBE(2, 6),
    expiresAt: time(8, flag.expires),
    lastUsedAt: time(14, flag.used),
    revokedAt: time(20, flag.revoked),
    revokedBy: hasRevokedBy ? new Uint8Array(bytes.subarray(end)) : null,
  };
};
