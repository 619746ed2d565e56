import type { PawlEvent } from '@pawl/core';

/** An event of a session, as its user may see it: without ids, tokens and hashes. */
export interface Entry {
  /** In ms since the epoch. */
  readonly at: number;
  /** An event of the core, or one of the demo. */
  readonly type: PawlEvent['type'] | 'reply.lost' | 'token.stolen' | 'session.expired';
  /** The session's generation after the event. */
  readonly generation?: number;
  /** The generation of the token that was presented. */
  readonly presented?: number;
  readonly late?: boolean;
  /** `reuse.detected` only: too many generations in a row had a late replay. */
  readonly cause?: 'late_run';
  readonly reason?: string;
}

/** Returns undefined if the event does not concern a single session. */
export const entryOf = (event: PawlEvent): Entry | undefined => {
  const { at, type } = event;
  if (!('sessionId' in event)) return undefined;
  if (!('evidence' in event)) {
    return 'reason' in event ? { at, type, reason: event.reason } : { at, type };
  }
  const { presented, current, cause } = event.evidence;
  // The evidence contains the generation before the rotation.
  const generation = type === 'session.rotated' ? current + 1 : current;
  return {
    at,
    type,
    generation,
    presented,
    ...(event.late === true && { late: true }),
    ...(cause && { cause }),
  };
};

/** Whether the entry ends the session. */
export const isEnd = ({ type }: Entry): boolean =>
  type === 'session.revoked' || type === 'session.expired';
