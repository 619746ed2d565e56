import type { Clock } from '../clock.ts';
import type { RandomBytes } from '../random.ts';
import { decodeTriples, encodeTriples } from '../token/base64url.ts';
import { isId } from '../token/session-id.ts';

/** In bytes: what an exact time takes; 2 ** 53 microseconds last until the year 2255. */
const timeBytes = 7;

/**
 * Returns the time in microseconds since the epoch. Each call returns a later time than the one
 * before, also within one millisecond: so what one node does has an order.
 */
export const createExactClock = (clock: Clock): (() => number) => {
  let last = 0;
  return () => {
    last = Math.max(Math.floor(clock()) * 1_000, last + 1);
    return last;
  };
};

/**
 * Returns a `jti` of 18 bytes: the exact time, and random bytes. The `iat` of a token counts in
 * seconds, which cannot tell a token from before a password reset from one right after it.
 */
export const tokenIdAt = (time: number, random: RandomBytes): string => {
  const id = new Uint8Array(18);
  for (let i = timeBytes - 1, rest = time; i >= 0; i--, rest = Math.floor(rest / 256)) {
    id[i] = rest % 256;
  }
  id.set(random(id.length - timeBytes), timeBytes);
  return encodeTriples(id);
};

/**
 * Returns when a token was issued, in microseconds since the epoch: the exact time in its `jti`, or
 * the beginning of the second of its `iat` if another issuer made the `jti`.
 */
export const issueTimeOf = (tokenId: string, iat: number): number => {
  const bytes = isId(tokenId) ? decodeTriples(tokenId, 0) : null;
  const exact = bytes?.subarray(0, timeBytes).reduce((time, byte) => time * 256 + byte, 0) ?? 0;
  return Math.floor(exact / 1_000_000) === Math.floor(iat) ? exact : Math.floor(iat * 1_000_000);
};
