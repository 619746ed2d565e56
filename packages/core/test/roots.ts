import { createHash } from 'node:crypto';
import { defaultCrypto } from '#crypto';
import { createKeyRing, type KeyRing, type RootSecret } from '../src/keys/key-ring.ts';

/** A root secret that is the same in every run. */
export const rootSecret = (name: string): string =>
  createHash('sha512').update(name).digest('base64url');

/** `length` bytes that look random and depend on the seed only. */
export const bytesOf = (seed: string, length: number): Uint8Array =>
  new Uint8Array(createHash('shake256', { outputLength: length }).update(seed).digest());

/** A key ring of one active root, or of the given ones. */
export const keyRing = (...secrets: RootSecret[]): KeyRing =>
  createKeyRing(secrets.length > 0 ? secrets : [rootSecret('one')], { crypto: defaultCrypto });
