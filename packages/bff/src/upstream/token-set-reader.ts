import type { SessionInfo } from '@pawl/core';
import { openTokenSet, resealTokenSet, type UpstreamTokenSet } from '../sealing/token-set.ts';
import type { BffData, UpstreamSession } from '../sealing/upstream-session.ts';
import type { AnyBffSettings, BffSettings } from '../settings.ts';
import { updateSessionData } from './save-token-set.ts';

/** The upstream part of a session, as the store has it now, with its tokens unsealed. */
export interface StoredTokenSet {
  readonly tokenSet: UpstreamTokenSet;
  readonly upstream: UpstreamSession;
}

/** Reads the upstream tokens of sessions. */
export interface TokenSetReader {
  /**
   * Reads the session from the store.
   *
   * @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError,
   *   StoreRecordError, StoreUnavailableError
   */
  read(sessionId: string): Promise<StoredTokenSet>;
  /** Opens the tokens of a session that was already read. @throws StoreRecordError */
  open(session: SessionInfo<unknown, BffData<unknown>>): Promise<StoredTokenSet>;
}

/** How many opened token sets are cached, one per session: opening one imports its keys. */
const cacheSize = 1_000;

/** Creates a reader. It reads the store each time, but opens each sealed token set only once. */
export const createTokenSetReader = ({
  sealer,
  sessions,
}: Pick<AnyBffSettings, 'sealer' | 'sessions'>): TokenSetReader => {
  // The key is the session id, so that no session can get the token set of another one.
  const cache = new Map<string, { readonly sealed: string; readonly tokenSet: UpstreamTokenSet }>();
  const open: TokenSetReader['open'] = async ({ sessionId, data: { upstream } }) => {
    const cached = cache.get(sessionId);
    if (cached && cached.sealed === upstream?.sealed) {
      return { tokenSet: cached.tokenSet, upstream };
    }
    const tokenSet = await openTokenSet(sealer, sessionId, upstream);
    cache.delete(sessionId);
    cache.set(sessionId, { sealed: upstream.sealed, tokenSet });
    // Evicts the one that was opened first. Tracking the last use would cost more.
    if (cache.size > cacheSize) cache.delete(cache.keys().next().value as string);
    return { tokenSet, upstream };
  };
  return { open, read: async (sessionId) => open(await sessions.get(sessionId)) };
};

/**
 * Seals the tokens of a session again after a rotation of the root secrets. If the session was
 * written meanwhile, that write is kept. Never fails: an error becomes an event.
 */
export const resealSession = async <Data>(
  { sealer, sessions, emit }: BffSettings<unknown, Data>,
  sessionId: string,
  sealed: string,
): Promise<void> => {
  try {
    const resealed = await resealTokenSet(sealer, sessionId, sealed);
    await updateSessionData(sessions, sessionId, (data) =>
      data.upstream.sealed === sealed
        ? { ...data, upstream: { ...data.upstream, sealed: resealed } }
        : null,
    );
  } catch (error) {
    emit({ type: 'background.failed', task: 'reseal', error });
  }
};
