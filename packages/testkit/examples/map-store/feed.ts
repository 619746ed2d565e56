import type { RevocationListener } from '@pawl/core/store';

/** The revocation feed of one process. */
export const createFeed = (): {
  subscribe: (listener: RevocationListener) => () => void;
  revoked: (sessionId: string, reason: string) => void;
} => {
  const listeners = new Set<{ readonly listener: RevocationListener }>();
  const waiting: [sessionId: string, reason: string][] = [];
  return {
    subscribe: (listener) => {
      // A new object, because one listener may subscribe twice.
      const entry = { listener };
      listeners.add(entry);
      report(() => listener.connected(true));
      return () => void listeners.delete(entry);
    },
    revoked: (sessionId, reason) => {
      // A listener may revoke sessions, too: they are reported after this one.
      if (waiting.push([sessionId, reason]) > 1) return;
      for (let next = waiting[0]; next; waiting.shift(), next = waiting[0]) {
        const revocation = next;
        for (const { listener } of listeners) report(() => listener.revoked(...revocation));
      }
    },
  };
};

/** Calls a listener. What it throws must reach neither the verb nor other listeners. */
const report = (call: () => void): void => {
  try {
    call();
  } catch (error) {
    console.error('a revocation listener threw', error);
  }
};
