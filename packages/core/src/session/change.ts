import { callStore } from '../store/call.ts';
import type { AnySessionSettings } from './settings.ts';

/**
 * Calls the store with something that changes a session. What this node
 * remembers of it is forgotten even if the call fails: it may have happened.
 */
export const changeSession = async <T>(
  { forgetCached }: AnySessionSettings,
  sessionId: string,
  call: () => Promise<T>,
): Promise<T> => {
  try {
    return await callStore(call);
  } finally {
    forgetCached(sessionId);
  }
};
