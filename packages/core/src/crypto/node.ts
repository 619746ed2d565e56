import { createHmac, hash } from 'node:crypto';
import type { CryptoProvider } from './provider.ts';

/** The provider for Node, Bun and Deno: `node:crypto`, synchronous and native. */
export const defaultCrypto: CryptoProvider = {
  sha256: (input) => hash('sha256', input, 'buffer'),
  sha256Key: (input) => hash('sha256', input, 'base64'),
  hmacSha256: (key, message) => createHmac('sha256', key).update(message).digest(),
};
