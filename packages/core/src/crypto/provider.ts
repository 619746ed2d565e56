/**
 * The primitives that Pawl needs from a platform, all synchronous: on Node a
 * SHA-256 costs about 1 µs this way and about 16 µs through WebCrypto.
 */
export interface CryptoProvider {
  /** SHA-256 of the bytes, or of the UTF-8 form of a string: 32 bytes. */
  readonly sha256: (input: Uint8Array | string) => Uint8Array;
  /** SHA-256 of a string, as a key for a `Map`: one string per digest, not meant to be read. */
  readonly sha256Key: (input: string) => string;
  /** HMAC-SHA-256 (RFC 2104): 32 bytes. A key may be remembered by its array: never change one. */
  readonly hmacSha256: (key: Uint8Array, message: Uint8Array) => Uint8Array;
}
