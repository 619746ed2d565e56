/** In bytes, of SHA-256. */
const blockSize = 64;
const digestSize = 32;

type Hash = (input: Uint8Array) => Uint8Array;

/**
 * Returns HMAC-SHA-256 (RFC 2104) over a SHA-256. The padded blocks of a key are computed once and
 * cached by the identity of its array.
 */
export const hmacOf = (sha256: Hash): ((key: Uint8Array, message: Uint8Array) => Uint8Array) => {
  /** The inner block; and the outer block, followed by room for the inner digest. */
  const paddedKeys = new WeakMap<Uint8Array, readonly [Uint8Array, Uint8Array]>();

  const padKey = (key: Uint8Array): readonly [Uint8Array, Uint8Array] => {
    const inner = new Uint8Array(blockSize).fill(0x36);
    const outer = new Uint8Array(blockSize + digestSize).fill(0x5c);
    (key.length > blockSize ? sha256(key) : key).forEach((byte, i) => {
      inner[i] = byte ^ 0x36;
      outer[i] = byte ^ 0x5c;
    });
    return [inner, outer];
  };

  return (key, message) => {
    const known = paddedKeys.get(key) ?? padKey(key);
    paddedKeys.set(key, known);
    const [inner, outer] = known;
    const first = new Uint8Array(blockSize + message.length);
    first.set(inner);
    first.set(message, blockSize);
    outer.set(sha256(first), blockSize);
    return sha256(outer);
  };
};
