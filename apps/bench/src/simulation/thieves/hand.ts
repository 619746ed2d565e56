/**
 * - `in`: accepted.
 * - `stale`: the access token is not accepted (any more): ask for the next pair.
 * - `retry`: 409, come back with the newer token.
 * - `out`: 401. What he holds is worth nothing.
 */
export type UseReply = 'in' | 'stale' | 'retry' | 'out';

/** `renewed`: he holds the successor now. `in`: he holds what he held, and it is accepted. */
export type RenewReply = 'renewed' | 'in' | 'retry' | 'out';

/** What a thief holds of a session, and what he can do with it. */
export interface Hand {
  /** Uses the session: a page, an API call. */
  readonly use: () => Promise<UseReply>;
  /** Asks for the successor: a request with the cookie, or a refresh. */
  readonly renew: () => Promise<RenewReply>;
  /** When he expects the next successor to be due. With a pair: when the owner will refresh. */
  readonly dueAt: () => number;
  /** In ms: how long before that he has to ask, to be the first. */
  readonly lead: number;
}

/** What a thief has gained. */
export interface Loot {
  /** When the copy was first presented. */
  firstUseAt: number | null;
  /** The time of the first and of the last accepted request. */
  firstAcceptedAt: number | null;
  lastAcceptedAt: number | null;
  accepted: number;
  /** How often he was given a successor. */
  renewals: number;
  lastReply: 'in' | 'renewed' | 'retry' | 'out' | 'expired' | null;
}

export const emptyLoot = (): Loot => ({
  firstUseAt: null,
  firstAcceptedAt: null,
  lastAcceptedAt: null,
  accepted: 0,
  renewals: 0,
  lastReply: null,
});
