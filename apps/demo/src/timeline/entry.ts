import type { PawlEvent } from '@pawl/core';

/** Something that happened to a session, as its user may see it: no id, no token, no hash. */
export interface Entry {
  /** In ms since the epoch. */
  readonly at: number;
  /** An event of the core's, or one of the demo's own. */
  readonly type: PawlEvent['type'] | 'reply.lost' | 'token.stolen' | 'session.expired';
  /** The session's generation after it. */
  readonly generation?: number;
  /** The generation of the token that was presented. */
  readonly presented?: number;
  readonly late?: boolean;
  readonly reason?: string;
}

/** Undefined for what concerns no single session. */
export const entryOf = (event: PawlEvent): Entry | undefined => {
  const { at, type } = event;
  if (!('sessionId' in event)) return undefined;
  if (!('evidence' in event)) {
    return 'reason' in event ? { at, type, reason: event.reason } : { at, type };
  }
  const { presented, current } = event.evidence;
  // The evidence has what was current before.
  const generation = type === 'session.rotated' ? current + 1 : current;
  return { at, type, generation, presented, ...(event.late === true && { late: true }) };
};

/** Whether the session is over by it. */
export const isEnd = ({ type }: Entry): boolean =>
  type === 'session.revoked' || type === 'session.expired';
