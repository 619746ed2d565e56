import { problemOf } from '../failure.ts';
import type { RecordFolder } from '../record-folder.ts';
import type { StoredTokens } from './token-response.ts';

/** The tokens of a login that has ended, to be revoked at the server. Keep them out of logs. */
export interface EndedLogin {
  readonly accessToken: string;
  readonly refreshToken: string | null;
}

/** Removes a login. A file that may not be read is removed as well. */
export const deleteLogin = async (
  records: RecordFolder,
  id: string,
): Promise<EndedLogin | undefined> => {
  let ended: EndedLogin | undefined;
  try {
    await records.update<StoredTokens<unknown>>(id, async (found) => {
      const tokens = found?.kind === 'live' ? found.value : undefined;
      ended = tokens && { accessToken: tokens.accessToken, refreshToken: tokens.refreshToken };
      return 'delete';
    });
  } catch (error) {
    if (!['exposed', 'foreign'].includes(String(problemOf(error)))) throw error;
    await records.delete(id);
  }
  return ended;
};
