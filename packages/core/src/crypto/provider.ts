/**
 * The cryptographic primitives that Pawl uses. All are synchronous: on Node a SHA-256 costs about
 * 1 µs this way and about 16 µs through Web Crypto.
 */
export interface CryptoProvider {
  /** Returns the SHA-256 of bytes, or of the UTF-8 form of a string: 32 bytes. */
  readonly sha256: (input: Uint8Array | string) => Uint8Array;
  /** Returns the SHA-256 of a string as a string of unspecified encoding: a key for a `Map`. */
  readonly sha256Key: (input: string) => string;
  /**
   * Returns the HMAC-SHA-256 (RFC 2104): 32 bytes. The provider may cache a key by its array: do not
   * change the bytes of a key.
   */
  readonly hmacSha256: (key: Uint8Array, message: Uint8Array) => Uint8Array;
}
