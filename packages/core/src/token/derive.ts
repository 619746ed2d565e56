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

/** The generation that a token names. */
export const generationOf = (token: Uint8Array): number => u32At(token, layout.generation);

/** Whether a refresh token is only good together with a proof of its session's key. */
export const isBound = (token: Uint8Array): boolean => token[0] === tokenTypes.boundRefresh;

/** The root key that a token was made under. */
export const kidOf = (token: Uint8Array): number =>
  ((token[layout.kid] as number) << 8) | (token[layout.kid + 1] as number);

/** The expiry that a token names, in whole seconds. */
export const expiryOfToken = (token: Uint8Array): number =>
  (token[layout.expiry] as number) * 2 ** 32 + u32At(token, layout.expiry + 1);

/**
 * The successor of a refresh token: a function of the token, the root key and
 * the salt, so that whoever presents the token again gets the same successor
 * from any node, while neither a copy of the store nor the root alone yields one.
 * The absolute expiry is inherited, and so is the binding to a key.
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

/** The opaque access token that belongs to a refresh token. */
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

/** What all access tokens of one generation of a session have in common. */
export interface AccessTokenSeed {
  /** 18 bytes that print as the `jti`. */
  readonly jti: Uint8Array;
  /** 0 ≤ fraction < 1: how much of the jitter this generation gets. */
  readonly jitter: number;
}

/** Derived, so that a retry gets the very same access token. */
export const deriveAccessSeed = (refreshToken: Uint8Array, root: RootKey): AccessTokenSeed => {
  const generation = generationOf(refreshToken);
  const seed = root.hmac('access', concatBytes(accessIdLabel, idOf(refreshToken), u32(generation)));
  return { jti: seed.subarray(0, 18), jitter: u32At(seed, 24) / 2 ** 32 };
};
