import type { WaitUntil } from './background.ts';
import type { Clock } from './clock.ts';
import type { PawlEvent, PawlEventDraft, PawlEventListener } from './events.ts';
import type { KeyRing } from './keys/key-ring.ts';
import { createNotifier } from './notifier.ts';
import { encodeTriples } from './token/base64url.ts';
import { utf8 } from './token/bytes.ts';

/** Emits an event of the core: adds its time and the keyed hash of its session id. */
export type Emit = (draft: PawlEventDraft) => void;

/** Returns a function that completes events of the core and passes them to the listener. */
export const createEmitter = (
  listener: PawlEventListener | undefined,
  keys: KeyRing,
  clock: Clock,
  waitUntil?: WaitUntil,
): Emit => {
  if (!listener) return () => {};
  const notify = createNotifier<PawlEvent>(listener, clock, waitUntil);
  return (draft) =>
    notify(
      'sessionId' in draft ? { ...draft, sessionRef: sessionRef(draft.sessionId, keys) } : draft,
    );
};

/** Returns a keyed hash of a session id. It identifies a session in logs, and is useless elsewhere. */
export const sessionRef = (sessionId: string, keys: KeyRing): string =>
  encodeTriples(keys.active.hmac('log', utf8(sessionId)).subarray(0, 12));
