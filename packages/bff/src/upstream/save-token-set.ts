import { isPawlError, type Sessions } from '@pawl/core';
import { pause } from '@pawl/core/internal';
import { sealTokenSet, type UpstreamTokenSet } from '../sealing/token-set.ts';
import type { BffData } from '../sealing/upstream-session.ts';
import type { BffSettings } from '../settings.ts';

/** Tokens that a refresh obtained, and what they were obtained with. */
export interface ObtainedTokenSet {
  readonly tokenSet: UpstreamTokenSet;
  /** The generation of the refresh token that was exchanged. */
  readonly tokenGeneration: number;
  /** The fence of the lease that it was exchanged under. */
  readonly fence: number;
}

/** In ms: how long a write is retried while the store is unavailable. */
const maxRetryTime = 60_000;

/**
 * Writes the tokens that a refresh obtained, before anybody uses them. The write replaces only
 * the tokens that were exchanged, or tokens that were obtained under an older lease, so that
 * newer ones are never overwritten. It is retried while the store is unavailable: nobody else has
 * these tokens, and the provider no longer accepts the previous ones.
 *
 * @returns whether the tokens were written; false if the store already has newer ones
 * @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError if the session ended
 *   meanwhile; InvalidInputError if the tokens are too long for the session data;
 *   StoreUnavailableError after a minute
 */
export const saveTokenSet = async <Data>(
  { sealer, sessions }: BffSettings<unknown, Data>,
  sessionId: string,
  { tokenSet, tokenGeneration, fence }: ObtainedTokenSet,
): Promise<boolean> => {
  const sealed = await sealTokenSet(sealer, sessionId, tokenSet);
  const deadline = Date.now() + maxRetryTime;
  for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      return await updateSessionData(sessions, sessionId, (data) => {
        const { upstream } = data;
        // An earlier attempt was written, and only its response was lost.
        if (upstream.sealed === sealed.sealed) return data;
        if (upstream.tokenGeneration !== tokenGeneration && upstream.fence >= fence) return null;
        return {
          ...data,
          upstream: {
            ...upstream,
            ...sealed,
            tokenGeneration: upstream.tokenGeneration + 1,
            fence,
          },
        };
      });
    } catch (error) {
      if (!isTransient(error) || Date.now() + wait > deadline) throw error;
      await pause(wait);
    }
  }
};

/**
 * Changes the data of a session. If `change` returns null, nothing is written.
 *
 * @returns whether `change` returned data
 */
export const updateSessionData = async <Data>(
  sessions: Sessions<unknown, BffData<Data>>,
  sessionId: string,
  change: (data: BffData<Data>) => BffData<Data> | null,
): Promise<boolean> => {
  let isChanged = true;
  try {
    await sessions.update(sessionId, ({ data }) => {
      const next = change(data);
      isChanged = next !== null;
      if (next === null) throw new Unchanged();
      return { data: next };
    });
  } catch (error) {
    if (!(error instanceof Unchanged)) throw error;
  }
  return isChanged;
};

/** Leaves `sessions.update` without a write. */
class Unchanged extends Error {}

const isTransient = (error: unknown): boolean =>
  isPawlError(error) &&
  (error.code === 'ERR_STORE_UNAVAILABLE' || error.code === 'ERR_SESSION_CONFLICT');
