import { ConfigurationError } from '@pawl/core';
import type { HttpOptions } from '../options.ts';
import { createAccessTokenIssuer } from './access-token-issuer.ts';
import type { Issuer } from './issuer.ts';
import { createSessionIssuer } from './session-issuer.ts';

/**
 * Creates the issuer of tokens from the options.
 *
 * @throws ConfigurationError unless exactly one of `sessions` and `accessTokens` is given
 */
export const createIssuer = <Claims, Data>({
  sessions,
  accessTokens,
  blocklist,
}: HttpOptions<Claims, Data>): Issuer<Claims, Data> => {
  if (accessTokens !== undefined) {
    if (sessions !== undefined) {
      throw new ConfigurationError('accessTokens', 'must not be given together with sessions');
    }
    if (typeof accessTokens?.issue !== 'function') {
      throw new ConfigurationError('accessTokens', 'must be what createAccessTokens returns');
    }
    if (blocklist !== undefined && typeof blocklist?.blocklist?.revoke !== 'function') {
      throw new ConfigurationError('blocklist', 'must be a store with a blocklist');
    }
    return createAccessTokenIssuer(accessTokens, blocklist);
  }
  if (typeof sessions?.revokeByToken !== 'function') {
    throw new ConfigurationError(
      'sessions',
      'must be what createSessions returns, unless accessTokens is given',
    );
  }
  if (blocklist !== undefined) {
    throw new ConfigurationError('blocklist', 'must be given to createSessions instead');
  }
  return createSessionIssuer(sessions);
};
