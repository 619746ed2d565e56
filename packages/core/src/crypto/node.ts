import { hash } from 'node:crypto';
import { hmacOf } from './hmac.ts';
import type { CryptoProvider } from './provider.ts';

/** Converts a binary string: asking Node for bytes takes three times as long. */
const sha256 = (input: Uint8Array | string): Uint8Array => {
  const digest = hash('sha256', input, 'binary');
  const bytes = new Uint8Array(digest.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = digest.charCodeAt(i);
  return bytes;
};

/** The provider for Node, Bun and Deno: `node:crypto`, synchronous and native. */
export const defaultCrypto: CryptoProvider = {
  sha256,
  sha256Key: (input) => hash('sha256', input, 'base64'),
  // Creating a `Hmac` of Node takes longer than both hashes.
  hmacSha256: hmacOf(sha256),
};
