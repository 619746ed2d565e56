import { newCallId } from '../../fixtures/builders.ts';

/** Returns one `callId` for each concurrent call of a test. */
export const callIds = (): Uint8Array[] => Array.from({ length: 64 }, newCallId);
