import type { SessionInfo } from '@pawl/core';
import type { BffContext } from '../context.ts';
import type { BffData, UpstreamSession } from '../vault/upstream-session.ts';
import { openVault, resealVault, type Vault } from '../vault/vault.ts';
import { write } from './save.ts';

/** What a session holds of the provider's, as it is in the store now. */
export interface HeldVault {
  readonly vault: Vault;
  readonly upstream: UpstreamSession;
}

export interface VaultReader {
  /**
   * @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError,
   *   StoreRecordError, StoreUnavailableError
   */
  read(sessionId: string): Promise<HeldVault>;
  /** The same, of a session that has been read already. @throws StoreRecordError */
  open(session: SessionInfo<unknown, BffData<unknown>>): Promise<HeldVault>;
}

/** How many opened vaults are remembered, one per session: opening one imports its keys. */
const remembered = 1_000;

/** Reads vaults. The store is asked each time, the seal of a vault is opened once. */
export const createVaultReader = ({
  sealer,
  sessions,
}: Pick<BffContext<unknown, unknown>, 'sealer' | 'sessions'>): VaultReader => {
  // Under its session: what is sealed for one must not be found for another.
  const opened = new Map<string, { readonly sealed: string; readonly vault: Vault }>();
  const open: VaultReader['open'] = async ({ sessionId, data: { upstream } }) => {
    const known = opened.get(sessionId);
    if (known && known.sealed === upstream?.sealed) return { vault: known.vault, upstream };
    const vault = await openVault(sealer, sessionId, upstream);
    opened.delete(sessionId);
    opened.set(sessionId, { sealed: upstream.sealed, vault });
    // The one that was opened first: that it is used does not change its place, which costs less.
    if (opened.size > remembered) opened.delete(opened.keys().next().value as string);
    return { vault, upstream };
  };
  return { open, read: async (sessionId) => open(await sessions.get(sessionId)) };
};

/** Seals a vault anew after a roll-over of the root secrets. Whoever writes meanwhile wins. */
export const reseal = async <Data>(
  { sealer, sessions, emit }: BffContext<unknown, Data>,
  sessionId: string,
  sealed: string,
): Promise<void> => {
  try {
    const anew = await resealVault(sealer, sessionId, sealed);
    await write(sessions, sessionId, (data) =>
      data.upstream.sealed === sealed
        ? { ...data, upstream: { ...data.upstream, sealed: anew } }
        : null,
    );
  } catch (error) {
    emit({ type: 'background.failed', task: 'reseal', error });
  }
};
