import { callStore } from '../store/call.ts';
import type { AnySessionSettings } from './settings.ts';

/**
 * Calls the store with a change of a session. This node then drops its cached record, also if the
 * call fails: the change may have happened.
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
