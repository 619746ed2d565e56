import { problemOf } from '../failure.ts';
import type { RecordFolder } from '../record-folder.ts';
import type { KeptTokens } from './token-response.ts';

/** The tokens of a login that is over, for the server to revoke. Keep them out of logs. */
export interface EndedLogin {
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

/** Forgets a login. A file that must not be read is removed all the same. */
export const deleteLogin = async (
  store: RecordFolder,
  id: string,
): Promise<EndedLogin | undefined> => {
  let ended: EndedLogin | undefined;
  try {
    await store.update<KeptTokens<unknown>>(id, async (found) => {
      const kept = found?.kind === 'live' ? found.value : undefined;
      ended = kept && { accessToken: kept.accessToken, refreshToken: kept.refreshToken };
      return 'delete';
    });
  } catch (error) {
    if (!['exposed', 'foreign'].includes(String(problemOf(error)))) throw error;
    await store.delete(id);
  }
  return ended;
};
