import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { CryptoProvider } from './provider.ts';

/** A key that Node has set up costs a fifth of one that is handed over as bytes each time. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>();

const keyObjectOf = (key: Uint8Array): KeyObject => {
  const known = keyObjects.get(key);
  if (known) return known;
  const made = createSecretKey(key);
  keyObjects.set(key, made);
  return made;
};

/** The provider for Node, Bun and Deno: `node:crypto`, synchronous and native. */
export const defaultCrypto: CryptoProvider = {
  sha256: (input) => hash('sha256', input, 'buffer'),
  sha256Key: (input) => hash('sha256', input, 'base64'),
  hmacSha256: (key, message) => createHmac('sha256', keyObjectOf(key)).update(message).digest(),
};
