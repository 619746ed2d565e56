import type { Auth } from '@pawl/core';
import { isUnauthenticated } from '../errors.ts';
import { jsonResponse } from '../response.ts';
import { liveCheck } from '../routes/current-session.ts';
import type { HttpRoute } from '../routes/route.ts';
import type { AnyHttpSettings } from '../settings.ts';
import { handleForClient } from './client.ts';
import { introspectionOperation } from './operations.ts';
import type { OAuthSettings } from './options.ts';

/**
 * `POST /introspect` (RFC 7662): describes an access token or an API key, after reading the store.
 * Everything else, also a refresh token, is `{"active":false}` and nothing more.
 */
export const introspectionRoute = (
  settings: AnyHttpSettings,
  setting: OAuthSettings,
): HttpRoute => {
  const strict = liveCheck(settings);
  return {
    name: 'introspection',
    method: 'POST',
    path: `${settings.authPath}/introspect`,
    operation: introspectionOperation,
    handle: (request) =>
      handleForClient(settings, setting, request, async (token) => {
        try {
          const { apiKeys, issuer } = settings;
          return jsonResponse(
            200,
            apiKeys?.isApiKey(token)
              ? describeApiKey(await apiKeys.verify(token))
              : describeToken(await issuer.verify(token, strict)),
          );
        } catch (error) {
          if (!isUnauthenticated(error)) throw error;
          return jsonResponse(200, { active: false });
        }
      }),
  };
};

const seconds = (ms: number): number => Math.floor(ms / 1_000);

const describeToken = (auth: Auth<unknown, unknown>): Record<string, unknown> => ({
  active: true,
  sub: auth.userId,
  exp: seconds(auth.expiresAt),
  token_type: auth.jkt === null ? 'Bearer' : 'DPoP',
  ...(auth.tokenId !== null && { jti: auth.tokenId }),
  ...(auth.sessionId !== null && { sid: auth.sessionId }),
  ...(auth.clientId !== null && { client_id: auth.clientId }),
  ...(auth.scope !== null && { scope: auth.scope }),
  ...(auth.authTime !== null && { auth_time: seconds(auth.authTime) }),
  ...(auth.acr !== null && { acr: auth.acr }),
  ...(auth.amr.length > 0 && { amr: auth.amr }),
  ...(auth.actor !== null && { act: { sub: auth.actor } }),
  ...(auth.organizationId !== null && { org_id: auth.organizationId }),
  ...(auth.jkt !== null && { cnf: { jkt: auth.jkt } }),
});

const describeApiKey = (key: {
  readonly userId: string;
  readonly keyId: string;
  readonly expiresAt: number | null;
}): Record<string, unknown> => ({
  active: true,
  sub: key.userId,
  jti: key.keyId,
  token_type: 'Bearer',
  ...(key.expiresAt !== null && { exp: seconds(key.expiresAt) }),
});
