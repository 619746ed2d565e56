import type { Clock } from './clock.ts';
import type { PawlEvent, PawlEventDraft, PawlEventListener } from './events.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { encodeTriples } from './token/base64url.ts';
import { utf8 } from './token/bytes.ts';

/**
 * Dates events, hashes their session ids for logs, and hands them to the
 * listener. What a listener throws must not undo what has happened: it goes to
 * the console, the request goes on.
 */
export const createEmitter = (
  listener: PawlEventListener | undefined,
  keys: KeyRing,
  clock: Clock,
): ((draft: PawlEventDraft) => void) => {
  if (!listener) return () => {};
  const report = (error: unknown): void => console.error('pawl: an event listener threw', error);
  return (draft) => {
    const ref = 'sessionId' in draft ? { sessionRef: sessionRef(draft.sessionId, keys) } : {};
    try {
      // An async function passes for a listener too: its rejection is nobody else's to handle.
      const result: unknown = listener({ ...draft, at: clock(), ...ref } as PawlEvent);
      if (result instanceof Promise) result.catch(report);
    } catch (error) {
      report(error);
    }
  };
};

/** A keyed hash of a session id: stable enough to follow a session in logs, useless elsewhere. */
export const sessionRef = (sessionId: string, keys: KeyRing): string =>
  encodeTriples(keys.active.hmac('log', utf8(sessionId)).subarray(0, 12));
