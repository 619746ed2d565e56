import { type RandomBytes, systemRandom } from '../random.ts';
import { bytesEqual } from '../token/bytes.ts';

/**
 * The length of a `callId` in bytes. Every verb of a port that writes receives one; core draws it at
 * random for each call. A driver that gets no reply sends the call again with the same `callId`: the
 * store recognizes it and returns the first result.
 */
export const callIdLength = 16;

/** Returns whether a stored `callId` is this call's: then the call is sent again. */
export const isSameCall = (stored: Uint8Array | null, callId: Uint8Array): boolean =>
  stored !== null && bytesEqual(stored, callId);

/**
 * Returns the `callId` of one call of a port: 16 random bytes. Draw it once per call, not once per
 * attempt to send it.
 *
 * @example
 * ```ts
 * await store.sessions.revoke({ sessionId, reason: 'logout', callId: newCallId() });
 * ```
 */
export const newCallId = (random: RandomBytes = systemRandom): Uint8Array => random(callIdLength);
