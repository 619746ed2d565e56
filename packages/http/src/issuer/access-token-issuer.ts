import { InvalidInputError } from '@pawl/core';
import type { AccessTokens } from '@pawl/core/jwt';
import type { BlocklistRevoker } from '@pawl/core/store';
import type { Issuer } from './issuer.ts';

/** The fields of a login that require a session. */
const sessionFields = ['data', 'idleTimeout', 'absoluteTimeout'] as const;

/**
 * Issues access tokens without sessions: nothing is stored at login, so nothing can be refreshed or
 * listed. With a blocklist a logout revokes the token, without one it is valid until it expires.
 */
export const createAccessTokenIssuer = <Claims, Data>(
  accessTokens: AccessTokens<Claims>,
  store: { readonly blocklist: BlocklistRevoker } | undefined,
): Issuer<Claims, Data> => {
  const revoke = async (token: string): Promise<void> => {
    if (store) await accessTokens.revoke(token, store);
  };
  return {
    sessions: null,
    canRevoke: store !== undefined,
    verify: (token) => accessTokens.verify(token),
    login: async (request) => {
      for (const field of sessionFields) {
        if (request[field] !== undefined) throw new InvalidInputError(field, 'requires sessions');
      }
      const { accessToken, expiresAt } = await accessTokens.issue(request);
      return {
        sessionId: null,
        userId: request.userId,
        accessToken,
        tokenType: request.jkt === undefined ? 'Bearer' : 'DPoP',
        accessTokenExpiresAt: expiresAt,
        refreshToken: null,
        refreshTokenExpiresAt: null,
      };
    },
    withdraw: ({ accessToken }) => revoke(accessToken),
    revoke,
    jwks: () => accessTokens.jwks(),
  };
};
