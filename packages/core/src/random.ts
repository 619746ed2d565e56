/** Returns `length` cryptographically random bytes. Pass your own source in tests only. */
export type RandomBytes = (length: number) => Uint8Array;

/** The runtime's cryptographically secure random generator (Web Crypto). */
export const systemRandom: RandomBytes = (length) =>
  globalThis.crypto.getRandomValues(new Uint8Array(length));
