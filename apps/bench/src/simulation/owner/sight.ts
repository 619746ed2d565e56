/** What an observer, a thief for one, can see of the owner of a session. */
export interface Sight {
  /** Whether the owner's device is in use, and connected. */
  readonly isOnline: () => boolean;
  /** When a token of the owner's jar last reached the server. */
  readonly lastRequestAt: () => number;
  /** Calls the listener whenever that happens. */
  readonly onRequest: (listener: () => void) => void;
  /** Calls the listener when the device wakes up, before it sends anything. */
  readonly onOnline: (listener: () => void) => void;
}

/** A sight, and how it learns of what there is to see. */
export interface OpenSight extends Sight {
  readonly noteRequest: () => void;
  readonly noteOnline: () => void;
}

export const createSight = (now: () => number, isOnline: () => boolean): OpenSight => {
  const onRequest: (() => void)[] = [];
  const onOnline: (() => void)[] = [];
  let lastRequestAt = Number.NEGATIVE_INFINITY;
  return {
    isOnline,
    lastRequestAt: () => lastRequestAt,
    onRequest: (listener) => void onRequest.push(listener),
    onOnline: (listener) => void onOnline.push(listener),
    noteRequest: () => {
      lastRequestAt = now();
      for (const listener of onRequest) listener();
    },
    noteOnline: () => {
      for (const listener of onOnline) listener();
    },
  };
};
