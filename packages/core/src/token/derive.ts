import type { RootKey } from '../keys/key-ring.ts';
import { concatBytes, utf8 } from './bytes.ts';
import { encodeToken } from './encode.ts';
import { layout, tokenTypes } from './layout.ts';

const successorLabel = utf8('pawl successor v1');
const accessLabel = utf8('pawl access v1');
const accessIdLabel = utf8('pawl access id v1');

const idOf = (token: Uint8Array): Uint8Array => token.subarray(layout.id, layout.generation);

const u32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};

const u32At = (bytes: Uint8Array, offset: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset);

/** Returns the generation in a token. */
export const generationOf = (token: Uint8Array): number => u32At(token, layout.generation);

/** Returns whether a refresh token requires a proof of possession of its session's key. */
export const isBound = (token: Uint8Array): boolean => token[0] === tokenTypes.boundRefresh;

/** Returns the id of the root key that made a token. */
export const kidOf = (token: Uint8Array): number =>
  ((token[layout.kid] as number) << 8) | (token[layout.kid + 1] as number);

/** Returns the expiry in a token, in whole seconds. */
export const expiryOfToken = (token: Uint8Array): number =>
  (token[layout.expiry] as number) * 2 ** 32 + u32At(token, layout.expiry + 1);

/**
 * Derives the successor of a refresh token from the token, the root key and the salt. A retry with
 * the same token gets the same successor from any node, while neither a copy of the store nor the
 * root key alone yields one. The successor inherits the absolute expiry and the binding to a key.
 */
export const deriveSuccessor = (token: Uint8Array, salt: Uint8Array, root: RootKey): Uint8Array => {
  const generation = generationOf(token) + 1;
  const tagged = token.subarray(0, layout.tag);
  return encodeToken(
    {
      type: isBound(token) ? 'boundRefresh' : 'refresh',
      id: idOf(token),
      generation,
      expiry: expiryOfToken(token),
      secret: root.hmac('rotate', concatBytes(successorLabel, tagged, u32(generation), salt)),
    },
    root,
  );
};

/** Derives the opaque access token of a refresh token. */
export const deriveAccessToken = (
  refreshToken: Uint8Array,
  expiry: number,
  root: RootKey,
): Uint8Array =>
  encodeToken(
    {
      type: 'access',
      id: idOf(refreshToken),
      generation: generationOf(refreshToken),
      expiry,
      secret: root.hmac('access', concatBytes(accessLabel, refreshToken.subarray(0, layout.tag))),
    },
    root,
  );

/** What all access tokens of one generation of a session share. */
export interface AccessTokenSeed {
  /** 18 bytes: in base64url they are the `jti`. */
  readonly jti: Uint8Array;
  /** From 0 to below 1: the share of the jitter that this generation gets. */
  readonly jitter: number;
}

/** Derives the seed of a generation, so that a retry gets the same access token. */
export const deriveAccessSeed = (refreshToken: Uint8Array, root: RootKey): AccessTokenSeed => {
  const generation = generationOf(refreshToken);
  const seed = root.hmac('access', concatBytes(accessIdLabel, idOf(refreshToken), u32(generation)));
  return { jti: seed.subarray(0, 18), jitter: u32At(seed, 24) / 2 ** 32 };
};
