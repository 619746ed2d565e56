import { isPawlError, type Sessions } from '@pawl/core';
import { sealTokenSet, type UpstreamTokenSet } from '../sealing/token-set.ts';
import type { BffData } from '../sealing/upstream-session.ts';
import type { BffSettings } from '../settings.ts';
import { pause } from './pause.ts';

/** What was obtained from the provider, and what it was obtained with. */
export interface Obtained {
  readonly tokenSet: UpstreamTokenSet;
  /** The tokenGeneration of the tokens that were exchanged. */
  readonly tokenGeneration: number;
  readonly fence: number;
}

/** In ms: for so long a write is repeated while the store is away. */
const maxWait = 60_000;

/**
 * Writes what a refresh brought, before anybody uses it. Nothing newer is ever
 * overwritten: what is there must be what was exchanged, or have been obtained under
 * an older lease. While the store is away the write is repeated, because nobody else has
 * these tokens and the provider has forgotten the ones before.
 *
 * @returns whether it was written; false where somebody newer has been there
 * @throws SessionNotFoundError, SessionRevokedError, SessionExpiredError (nobody needs the
 *   tokens any more), InvalidInputError (they are too long for the session),
 *   StoreUnavailableError after a minute
 */
export const saveObtained = async <Data>(
  settings: BffSettings<unknown, Data>,
  sessionId: string,
  { tokenSet, tokenGeneration, fence }: Obtained,
): Promise<boolean> => {
  const { sealer, sessions } = settings;
  const sealed = await sealTokenSet(sealer, sessionId, tokenSet);
  const until = Date.now() + maxWait;
  for (let wait = 50; ; wait = Math.min(wait * 2, 1_000)) {
    try {
      return await write(sessions, sessionId, (data) => {
        const { upstream } = data;
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
      if (!isTransient(error) || Date.now() + wait > until) throw error;
      await pause(wait);
    }
  }
};

/** Changes a session's data; a change of null leaves it as it is. */
export const write = async <Data>(
  sessions: Sessions<unknown, BffData<Data>>,
  sessionId: string,
  change: (data: BffData<Data>) => BffData<Data> | null,
): Promise<boolean> => {
  let written = true;
  try {
    await sessions.update(sessionId, ({ data }) => {
      const next = change(data);
      written = next !== null;
      if (next === null) throw new Unchanged();
      return { data: next };
    });
  } catch (error) {
    if (!(error instanceof Unchanged)) throw error;
  }
  return written;
};

/** Ends an update that turned out to be superfluous without a write. */
class Unchanged extends Error {}

const isTransient = (error: unknown): boolean =>
  isPawlError(error) &&
  (error.code === 'ERR_STORE_UNAVAILABLE' || error.code === 'ERR_SESSION_CONFLICT');
