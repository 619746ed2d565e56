import type { Auth } from '@pawl/core';
import type { HttpContext } from '../context.ts';
import { isUnauthenticated } from '../errors.ts';
import { jsonResponse } from '../response.ts';
import type { HttpRoute } from '../routes/route.ts';
import { ownSession } from '../routes/session.ts';
import { ofClient } from './client.ts';
import { introspectionOperation } from './operations.ts';
import type { OAuthSetting } from './options.ts';

type AnyContext = HttpContext<unknown, unknown>;

/**
 * `POST /introspect` (RFC 7662): what an access token or an API key stands for, by the store.
 * Everything else, refresh tokens too, is `{"active":false}` and nothing more.
 */
export const introspectionRoute = (context: AnyContext, setting: OAuthSetting): HttpRoute => {
  const { apiKeys: _, ...strict } = ownSession(context);
  return {
    name: 'introspection',
    method: 'POST',
    path: `${context.authPath}/introspect`,
    operation: introspectionOperation,
    handle: (request) =>
      ofClient(context, setting, request, async (token) => {
        try {
          const { apiKeys, issuer } = context;
          return jsonResponse(
            200,
            apiKeys?.isApiKey(token)
              ? ofApiKey(await apiKeys.verify(token))
              : ofToken(await issuer.verify(token, strict)),
          );
        } catch (error) {
          if (!isUnauthenticated(error)) throw error;
          return jsonResponse(200, { active: false });
        }
      }),
  };
};

const seconds = (ms: number): number => Math.floor(ms / 1_000);

const ofToken = (auth: Auth<unknown, unknown>): Record<string, unknown> => ({
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

const ofApiKey = (key: {
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
