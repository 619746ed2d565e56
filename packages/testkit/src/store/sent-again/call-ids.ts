import { newCallId } from '../../fixtures/builders.ts';

/** So many calls as race in a test. */
export const callIds = (): Uint8Array[] => Array.from({ length: 64 }, newCallId);
