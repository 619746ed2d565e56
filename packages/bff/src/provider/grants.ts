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
import { ProviderFailure } from './failure.ts';
import type { Provider } from './provider.ts';

type Answer = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** What a code is exchanged with. */
export interface CodeExchange {
  /** The callback as the provider has called it. */
  readonly url: URL;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly dpopKey: DpopKey | null;
}

/** What a login brought. */
export interface LoginGrant {
  readonly tokenSet: UpstreamTokenSet;
  readonly idToken: IDToken;
  /** In ms: how long the refresh token lives, where the provider tells. */
  readonly refreshLifetime: number | null;
}

/**
 * Exchanges a code. `iss`, state, nonce, `at_hash`, the signature and the times
 * of the ID token are checked.
 *
 * @throws the library's error, or ProviderFailure
 */
export const exchangeCode = async (
  { config }: Provider,
  { url, state, nonce, verifier, dpopKey }: CodeExchange,
  now: number,
  keepIdToken: boolean,
): Promise<LoginGrant> => {
  const answer = await authorizationCodeGrant(
    config,
    url,
    {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    },
    undefined,
    dpopKey ? { DPoP: getDPoPHandle(config, dpopKey) } : undefined,
  );
  const idToken = answer.claims();
  if (!idToken) throw new ProviderFailure('no_id_token');
  // Keycloak and others tell it beside RFC 6749.
  const refreshLifetime = Number(answer['refresh_expires_in']);
  return {
    idToken,
    refreshLifetime:
      answer.refresh_token && refreshLifetime > 0 ? Math.floor(refreshLifetime * 1_000) : null,
    tokenSet: {
      ...tokensOf(answer, dpopKey, now),
      refreshToken: answer.refresh_token ?? null,
      idToken: keepIdToken ? (answer.id_token ?? null) : null,
      dpopKey,
    },
  };
};

/**
 * Exchanges the refresh token. What the provider does not renew stays as it was.
 *
 * @throws the library's error, or ProviderFailure for an answer that does not fit the session
 */
export const refreshTokenSet = async (
  { refreshing: config }: Provider,
  before: UpstreamTokenSet & { readonly refreshToken: string },
  now: number,
): Promise<UpstreamTokenSet> => {
  const { dpopKey, refreshToken, idToken } = before;
  const answer = await refreshTokenGrant(
    config,
    refreshToken,
    undefined,
    dpopKey ? { DPoP: getDPoPHandle(config, dpopKey) } : undefined,
  );
  return {
    ...tokensOf(answer, dpopKey, now),
    refreshToken: answer.refresh_token ? answer.refresh_token : refreshToken,
    idToken: idToken && (answer.id_token ?? idToken),
    dpopKey,
  };
};

/** Tells the provider that a token is not needed any more (RFC 7009), where it wants to hear of it. */
export const revokeToken = async ({ config }: Provider, token: string): Promise<void> => {
  if (!config.serverMetadata().revocation_endpoint) return;
  await tokenRevocation(config, token);
};

const tokensOf = (
  answer: Answer,
  dpopKey: DpopKey | null,
  now: number,
): Pick<UpstreamTokenSet, 'accessToken' | 'tokenType' | 'expiresAt' | 'obtainedAt'> => {
  const tokenType = dpopKey ? 'DPoP' : 'Bearer';
  // A bearer token where a bound one was wanted is a downgrade, and the reverse is of no use.
  if (answer.token_type !== tokenType.toLowerCase()) throw new ProviderFailure('token_type');
  const lifetime = answer.expires_in;
  return {
    accessToken: answer.access_token,
    tokenType,
    expiresAt: lifetime === undefined ? null : now + Math.floor(lifetime * 1_000),
    obtainedAt: now,
  };
};
