import { hash } from 'node:crypto';
import type { CryptoProvider } from './provider.ts';

/** In bytes, of SHA-256. */
const blockSize = 64;
const digestSize = 32;

/** As a string: asking Node for bytes takes three times as long, and setting up a `Hmac` longer still. */
const digestOf = (input: Uint8Array | string): string => hash('sha256', input, 'binary');

const bytesOf = (digest: string): Uint8Array => {
  const bytes = new Uint8Array(digestSize);
  for (let i = 0; i < digestSize; i++) bytes[i] = digest.charCodeAt(i);
  return bytes;
};

const sha256 = (input: Uint8Array | string): Uint8Array => bytesOf(digestOf(input));

/** RFC 2104: a key of one block, mixed with each of the two pads. */
interface PaddedKey {
  readonly inner: Uint8Array;
  /** With room for the inner digest behind it. */
  readonly outer: Buffer;
}

const paddedKeys = new WeakMap<Uint8Array, PaddedKey>();

const paddedKeyOf = (key: Uint8Array): PaddedKey => {
  const known = paddedKeys.get(key);
  if (known) return known;
  const block = new Uint8Array(blockSize);
  block.set(key.length > blockSize ? sha256(key) : key);
  const outer = Buffer.alloc(blockSize + digestSize);
  outer.set(block.map((byte) => byte ^ 0x5c));
  const made = { inner: block.map((byte) => byte ^ 0x36), outer };
  paddedKeys.set(key, made);
  return made;
};

const hmacSha256 = (key: Uint8Array, message: Uint8Array): Uint8Array => {
  const { inner, outer } = paddedKeyOf(key);
  const padded = Buffer.allocUnsafe(blockSize + message.length);
  padded.set(inner);
  padded.set(message, blockSize);
  outer.write(digestOf(padded), blockSize, 'binary');
  return sha256(outer);
};

/** The provider for Node, Bun and Deno: `node:crypto`, synchronous and native. */
export const defaultCrypto: CryptoProvider = {
  sha256,
  sha256Key: (input) => hash('sha256', input, 'base64'),
  hmacSha256,
};
