import type { SessionInfo } from '@pawl/core';
import { openTokenSet, resealTokenSet, type UpstreamTokenSet } from '../sealing/token-set.ts';
import type { BffData, UpstreamSession } from '../sealing/upstream-session.ts';
import type { BffSettings } from '../settings.ts';
import { write } from './save.ts';

/** What a session holds of the provider's, as it is in the store now. */
export interface StoredTokenSet {
  readonly tokenSet: UpstreamTokenSet;
  readonly upstream: UpstreamSession;
}

export interface TokenSetReader {
  /**
   * @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError,
   *   StoreRecordError, StoreUnavailableError
   */
  read(sessionId: string): Promise<StoredTokenSet>;
  /** The same, of a session that has been read already. @throws StoreRecordError */
  open(session: SessionInfo<unknown, BffData<unknown>>): Promise<StoredTokenSet>;
}

/** How many opened vaults are remembered, one per session: opening one imports its keys. */
const remembered = 1_000;

/** Reads vaults. The store is asked each time, the seal of a tokenSet is opened once. */
export const createTokenSetReader = ({
  sealer,
  sessions,
}: Pick<BffSettings<unknown, unknown>, 'sealer' | 'sessions'>): TokenSetReader => {
  // Under its session: what is sealed for one must not be found for another.
  const opened = new Map<
    string,
    { readonly sealed: string; readonly tokenSet: UpstreamTokenSet }
  >();
  const open: TokenSetReader['open'] = async ({ sessionId, data: { upstream } }) => {
    const known = opened.get(sessionId);
    if (known && known.sealed === upstream?.sealed) return { tokenSet: known.tokenSet, upstream };
    const tokenSet = await openTokenSet(sealer, sessionId, upstream);
    opened.delete(sessionId);
    opened.set(sessionId, { sealed: upstream.sealed, tokenSet });
    // The one that was opened first: that it is used does not change its place, which costs less.
    if (opened.size > remembered) opened.delete(opened.keys().next().value as string);
    return { tokenSet, upstream };
  };
  return { open, read: async (sessionId) => open(await sessions.get(sessionId)) };
};

/** Seals a tokenSet anew after a roll-over of the root secrets. Whoever writes meanwhile wins. */
export const reseal = async <Data>(
  { sealer, sessions, emit }: BffSettings<unknown, Data>,
  sessionId: string,
  sealed: string,
): Promise<void> => {
  try {
    const anew = await resealTokenSet(sealer, sessionId, sealed);
    await write(sessions, sessionId, (data) =>
      data.upstream.sealed === sealed
        ? { ...data, upstream: { ...data.upstream, sealed: anew } }
        : null,
    );
  } catch (error) {
    emit({ type: 'background.failed', task: 'reseal', error });
  }
};
