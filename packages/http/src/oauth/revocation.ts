import { isUnauthenticated } from '../errors.ts';
import { noStore } from '../response.ts';
import type { HttpRoute } from '../routes/route.ts';
import type { AnyHttpSettings } from '../settings.ts';
import { handleForClient } from './client.ts';
import { revocationOperation } from './operations.ts';
import type { OAuthSettings } from './options.ts';

/**
 * `POST /revoke` (RFC 7009): revokes the session of an access or refresh token, or an API key. An
 * unknown, expired or revoked token, or another client's, gets the same 200.
 */
export const revocationRoute = (settings: AnyHttpSettings, setting: OAuthSettings): HttpRoute => ({
  name: 'revocation',
  method: 'POST',
  path: `${settings.authPath}/revoke`,
  operation: revocationOperation,
  handle: (request) =>
    handleForClient(settings, setting, request, async (token, clientId) => {
      try {
        await revoke(settings, token, clientId);
      } catch (error) {
        if (!isUnauthenticated(error)) throw error;
      }
      return { status: 200, headers: noStore, cookies: [] };
    }),
});

const revoke = async (
  { apiKeys, issuer }: AnyHttpSettings,
  token: string,
  clientId: string,
): Promise<void> => {
  if (!apiKeys?.isApiKey(token)) return issuer.revoke(token, 'revoked', clientId);
  const { keyId, userId } = await apiKeys.verify(token);
  await apiKeys.revoke(keyId, { userId });
};
