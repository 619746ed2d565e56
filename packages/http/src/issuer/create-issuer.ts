import { ConfigurationError } from '@pawl/core';
import type { HttpOptions } from '../options.ts';
import { createAccessTokenIssuer } from './access-token-issuer.ts';
import type { Issuer } from './issuer.ts';
import { createSessionIssuer } from './session-issuer.ts';

/** @throws ConfigurationError unless there is exactly one of `sessions` and `accessTokens`. */
export const createIssuer = <Claims, Data>({
  sessions,
  accessTokens,
  blocklist,
}: HttpOptions<Claims, Data>): Issuer<Claims, Data> => {
  if (accessTokens !== undefined) {
    if (sessions !== undefined) {
      throw new ConfigurationError('accessTokens', 'is for services without sessions');
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
      'is needed, unless accessTokens is given: what createSessions returns',
    );
  }
  if (blocklist !== undefined) {
    throw new ConfigurationError('blocklist', 'is for createSessions, where there are sessions');
  }
  return createSessionIssuer(sessions);
};
