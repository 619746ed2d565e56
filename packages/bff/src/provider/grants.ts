import {
  authorizationCodeGrant,
  getDPoPHandle,
  type IDToken,
  refreshTokenGrant,
  type TokenEndpointResponse,
  type TokenEndpointResponseHelpers,
  tokenRevocation,
} from 'openid-client';
import type { UpstreamTokenSet } from '../sealing/token-set.ts';
import type { DpopKey } from '../upstream/upstream-token.ts';
import type { Provider } from './configured-provider.ts';
import { ProviderFailure } from './failure.ts';

type TokenResponse = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** What an authorization code is exchanged with. */
export interface CodeExchange {
  /** The URL of the callback, with its query. */
  readonly url: URL;
  readonly state: string;
  /** Null for a provider without ID tokens. */
  readonly nonce: string | null;
  readonly verifier: string;
  readonly dpopKey: DpopKey | null;
}

/** The tokens and claims of a login. */
export interface LoginGrant {
  readonly tokenSet: UpstreamTokenSet;
  /** Null if the provider has none. */
  readonly idToken: IDToken | null;
  /** In ms: the lifetime of the refresh token; null if the provider does not say. */
  readonly refreshLifetime: number | null;
}

/**
 * Exchanges an authorization code. Checks `iss`, the state, and the nonce, `at_hash`, signature
 * and times of the ID token.
 *
 * @throws an error of `openid-client`, or ProviderFailure
 */
export const exchangeCode = async (
  { config }: Provider,
  { url, state, nonce, verifier, dpopKey }: CodeExchange,
  now: number,
  keepIdToken: boolean,
): Promise<LoginGrant> => {
  const response = await authorizationCodeGrant(
    config,
    url,
    {
      expectedState: state,
      pkceCodeVerifier: verifier,
      ...(nonce !== null && { expectedNonce: nonce, idTokenExpected: true }),
    },
    undefined,
    dpopKey ? { DPoP: getDPoPHandle(config, dpopKey) } : undefined,
  );
  const idToken = response.claims() ?? null;
  if (nonce !== null && !idToken) throw new ProviderFailure('no_id_token');
  // Extensions of Keycloak and of GitHub; not in RFC 6749.
  const { refresh_expires_in: first, refresh_token_expires_in: second } = response;
  const refreshLifetime = Number(first ?? second);
  return {
    idToken,
    refreshLifetime:
      response.refresh_token && refreshLifetime > 0 ? Math.floor(refreshLifetime * 1_000) : null,
    tokenSet: {
      ...tokensOf(response, dpopKey, now),
      refreshToken: response.refresh_token ?? null,
      idToken: keepIdToken ? (response.id_token ?? null) : null,
      dpopKey,
    },
  };
};

/**
 * Exchanges the refresh token. Tokens that the response does not contain are kept.
 *
 * @throws an error of `openid-client`, or ProviderFailure if the response does not fit the session
 */
export const refreshTokenSet = async (
  { refreshConfig: config }: Provider,
  previous: UpstreamTokenSet & { readonly refreshToken: string },
  now: number,
): Promise<UpstreamTokenSet> => {
  const { dpopKey, refreshToken, idToken } = previous;
  const response = await refreshTokenGrant(
    config,
    refreshToken,
    undefined,
    dpopKey ? { DPoP: getDPoPHandle(config, dpopKey) } : undefined,
  );
  return {
    ...tokensOf(response, dpopKey, now),
    refreshToken: response.refresh_token ? response.refresh_token : refreshToken,
    idToken: idToken && (response.id_token ?? idToken),
    dpopKey,
  };
};

/** Revokes a token at the provider (RFC 7009), if it has an endpoint for that. */
export const revokeToken = async ({ config }: Provider, token: string): Promise<void> => {
  if (!config.serverMetadata().revocation_endpoint) return;
  await tokenRevocation(config, token);
};

const tokensOf = (
  response: TokenResponse,
  dpopKey: DpopKey | null,
  now: number,
): Pick<UpstreamTokenSet, 'accessToken' | 'tokenType' | 'expiresAt' | 'obtainedAt'> => {
  const tokenType = dpopKey ? 'DPoP' : 'Bearer';
  // A bearer token instead of a bound one is a downgrade, and the reverse cannot be used.
  if (response.token_type !== tokenType.toLowerCase()) throw new ProviderFailure('token_type');
  const lifetime = response.expires_in;
  return {
    accessToken: response.access_token,
    tokenType,
    expiresAt: lifetime === undefined ? null : now + Math.floor(lifetime * 1_000),
    obtainedAt: now,
  };
};
