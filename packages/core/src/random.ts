/** Answers `length` unpredictable bytes. Injected, so that a test can own chance too. */
export type RandomBytes = (length: number) => Uint8Array;

/** The platform's cryptographically secure generator (Web Crypto, present in every runtime). */
export const systemRandom: RandomBytes = (length) =>
  globalThis.crypto.getRandomValues(new Uint8Array(length));
