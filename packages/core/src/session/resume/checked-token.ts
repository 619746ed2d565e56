import { TokenExpiredError } from '../../errors.ts';
import { isBound } from '../../token/derive.ts';
import { hashToken } from '../../token/hash.ts';
import { readPresentedToken } from '../presented-token.ts';
import type { AnySessionSettings } from '../settings.ts';
import type { CheckedToken } from './session-token.ts';

/**
 * Checks the tag and the expiry of a session token without a store call. A tag costs several hashes,
 * so what was checked is kept; the keys are hashes, so that a heap dump contains no token.
 *
 * @throws TokenInvalidError, TokenExpiredError
 */
export const checkSessionToken = (settings: AnySessionSettings, token: string): CheckedToken => {
  const { checkedTokens, clock, crypto } = settings;
  // A longer string is refused without hashing it.
  const key = typeof token === 'string' && token.length < 256 ? crypto.sha256Key(token) : '';
  const known = checkedTokens.get(key);
  if (known) {
    if (clock() < known.content.expiresAt) return known;
    settings.emit({ type: 'token.refused', kind: 'refresh', reason: 'outlived' });
    throw new TokenExpiredError();
  }
  const { bytes, id, generation, expiry } = readPresentedToken(settings, token);
  const checked: CheckedToken = {
    sessionId: id,
    generation,
    tokenHash: hashToken(bytes, crypto),
    bound: isBound(bytes),
    content: {
      sessionId: id,
      generation,
      userId: null,
      tokenId: null,
      expiresAt: expiry * 1_000,
      hash: null,
      claims: null,
      registered: null,
    },
  };
  checkedTokens.set(key, checked);
  return checked;
};
