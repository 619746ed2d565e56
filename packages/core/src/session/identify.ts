import { isPawlError } from '../errors.ts';
import { decodeToken } from '../token/decode.ts';
import type { AnySessionSettings } from './settings.ts';

/** Which session a token belongs to, and where it stands in the order of the session's tokens. */
export interface TokenIdentity {
  readonly type: 'access' | 'refresh';
  readonly sessionId: string;
  /** The session's number of rotations when the token was issued: a larger one is newer. */
  readonly generation: number;
}

/**
 * Reads which session a token belongs to, without a store call. The token may have expired or been
 * replaced, and its session may have ended: only the tag or signature is checked.
 *
 * @returns null for a token that was not issued here, or has no session
 */
export const identifyToken = async (
  settings: AnySessionSettings,
  token: string,
): Promise<TokenIdentity | null> => {
  const refresh = decodeToken(token, 'refresh', settings.refreshTokenPrefix, settings.keys);
  if (typeof refresh !== 'string') {
    return { type: 'refresh', sessionId: refresh.id, generation: refresh.generation };
  }
  try {
    const { sessionId, generation } = await settings.accessTokens.readIgnoringTime(token);
    if (sessionId === null || generation === null) return null;
    return { type: 'access', sessionId, generation };
  } catch (error) {
    if (isPawlError(error) && error.code === 'ERR_TOKEN_INVALID') return null;
    throw error;
  }
};
