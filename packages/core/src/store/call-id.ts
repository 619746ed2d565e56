import { type RandomBytes, systemRandom } from '../random.ts';
import { bytesEqual } from '../token/bytes.ts';

/**
 * In bytes: of a `callId`. Every verb of a port that writes has one, drawn at random for each
 * call of the core. A driver that got no reply sends the same one again: so a store knows the
 * call as its own, and a caller learns what it would have learnt from the lost reply.
 */
export const callIdLength = 16;

/** Whether a stored `callId` is that of this call, which is then sent again. */
export const isSameCall = (stored: Uint8Array | null, callId: Uint8Array): boolean =>
  stored !== null && bytesEqual(stored, callId);

/** A `callId` for one call of a port, 16 random bytes. Draw one for each call, not for each time that it is sent. */
export const newCallId = (random: RandomBytes = systemRandom): Uint8Array => random(callIdLength);
