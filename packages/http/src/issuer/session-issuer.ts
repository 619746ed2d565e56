import type { Sessions } from '@pawl/core';
import type { Issuer } from './issuer.ts';

/** Issues sessions in a store, with any format of tokens and any revocation check. */
export const createSessionIssuer = <Claims, Data>(
  sessions: Sessions<Claims, Data>,
): Issuer<Claims, Data> => ({
  sessions,
  canRevoke: true,
  verify: (token, options) => sessions.verify(token, options),
  login: (request) => sessions.create(request),
  withdraw: async ({ sessionId }) => {
    if (sessionId !== null) await sessions.revoke(sessionId, { reason: 'replaced' });
  },
  revoke: async (token, reason, clientId) => {
    await sessions.revokeByToken(token, { reason, clientId });
  },
  jwks: () => sessions.jwks(),
});
