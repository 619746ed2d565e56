import type { RootKey } from '../keys/key-ring.ts';
import { encodeTriples } from './base64url.ts';
import { layout, type TokenType, tokenTypes } from './layout.ts';
import { tagOf } from './tag.ts';

/** The fields of a token. */
export interface TokenFields {
  readonly type: TokenType;
  /** 18 bytes. */
  readonly id: Uint8Array;
  readonly generation: number;
  /** Whole seconds since the epoch. */
  readonly expiry: number;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

/** Returns the 78 bytes of a token, tagged by the root key. */
export const encodeToken = (fields: TokenFields, root: RootKey): Uint8Array => {
  const bytes = new Uint8Array(layout.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = tokenTypes[fields.type];
  view.setUint16(layout.kid, root.kid);
  bytes.set(fields.id, layout.id);
  view.setUint32(layout.generation, fields.generation);
  view.setUint8(layout.expiry, Math.floor(fields.expiry / 2 ** 32));
  view.setUint32(layout.expiry + 1, fields.expiry % 2 ** 32);
  bytes.set(fields.secret, layout.secret);
  bytes.set(tagOf(bytes, root), layout.tag);
  return bytes;
};

/** Returns the printable form of a token. */
export const printToken = (bytes: Uint8Array, prefix: string): string =>
  prefix + encodeTriples(bytes);
