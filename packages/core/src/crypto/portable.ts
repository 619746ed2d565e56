import { sha256 } from '@noble/hashes/sha2.js';
import { hmacOf } from './hmac.ts';
import type { CryptoProvider } from './provider.ts';

const encoder = new TextEncoder();

const digest = (input: Uint8Array | string): Uint8Array =>
  sha256(typeof input === 'string' ? encoder.encode(input) : input);

/** The provider for every other runtime: synchronous, an audited SHA-256 in JavaScript. */
export const defaultCrypto: CryptoProvider = {
  sha256: digest,
  sha256Key: (input) => String.fromCharCode(...digest(input)),
  hmacSha256: hmacOf(digest),
};
