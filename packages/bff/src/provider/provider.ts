import { type Clock, ConfigurationError } from '@pawl/core';
import { isLoopback } from '@pawl/core/internal';
import { createRemoteJWKSet, type JWTVerifyGetKey, customFetch as joseFetch } from 'jose';
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretPost,
  Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';

/** Options for the identity provider. `issuer`, `clientId` and a client authentication are required. */
export interface ProviderOptions {
  /** The issuer identifier of the provider: `https://…`, or `http://` on this machine. */
  readonly issuer: string;
  /** The client id that the service is registered under. */
  readonly clientId: string;
  /** The client secret, sent in the body of requests. Required unless `clientAuth` is given. */
  readonly clientSecret?: string | undefined;
  /** Another client authentication, such as `PrivateKeyJwt(…)` of `openid-client`. */
  readonly clientAuth?: ClientAuth | undefined;
  /** The algorithm that the provider signs ID and logout tokens with. Default `RS256`. */
  readonly signingAlgorithm?: string | undefined;
  /** In ms: the timeout of one request to the provider. Default 10,000; 100 to 60,000. */
  readonly providerTimeout?: number | undefined;
  /** Sends the requests to the provider. Default: the global `fetch`. */
  readonly fetch?: ((url: string, init?: RequestInit) => Promise<Response>) | undefined;
}

/** The provider, after its metadata was fetched. */
export interface Provider {
  /** For logins. It checks the signatures of ID tokens. */
  readonly config: Configuration;
  /**
   * For refreshes. It does not check the signature of an ID token in the response, because that
   * fetches keys: a refresh must not fail, and lose the new tokens, if that endpoint is down.
   */
  readonly refreshConfig: Configuration;
  /** The provider's keys, for logout tokens. */
  readonly keys: JWTVerifyGetKey;
}

/** Access to the provider, whose metadata is fetched when it is first needed. */
export interface ProviderAccess {
  readonly issuer: string;
  readonly clientId: string;
  readonly signingAlgorithm: string;
  /** @throws an error of `openid-client`; the next call tries again */
  get(): Promise<Provider>;
}

/** In ms: older metadata is fetched again in the background, and used until that is done. */
const metadataLifetime = 3_600_000;

/** @throws ConfigurationError if an option is missing or invalid */
export const createProviderAccess = (options: ProviderOptions, clock: Clock): ProviderAccess => {
  const { clientId, clientSecret, signingAlgorithm = 'RS256', fetch } = options;
  const issuer = validateIssuer(options.issuer);
  if (typeof clientId !== 'string' || clientId === '') {
    throw new ConfigurationError('clientId', 'is required');
  }
  // Only a confidential client may hold tokens for users (browser-based apps § 6.1.3.1).
  if (!options.clientAuth && !clientSecret) {
    throw new ConfigurationError('clientSecret', 'is required, or clientAuth');
  }
  const clientAuth = options.clientAuth ?? ClientSecretPost(clientSecret);
  const timeout = options.providerTimeout ?? 10_000;
  if (!(timeout >= 100 && timeout <= 60_000)) {
    throw new ConfigurationError('providerTimeout', 'must be 100 to 60,000 ms');
  }
  const discover = async (): Promise<Provider> => {
    const config = await discovery(
      issuer,
      clientId,
      { id_token_signed_response_alg: signingAlgorithm },
      clientAuth,
      {
        timeout: timeout / 1_000,
        execute: [
          enableNonRepudiationChecks,
          ...(issuer.protocol === 'http:' ? [allowInsecureRequests] : []),
        ],
        ...(fetch && { [customFetch]: fetch as never }),
      },
    );
    const refreshConfig = new Configuration(
      config.serverMetadata(),
      clientId,
      { id_token_signed_response_alg: signingAlgorithm },
      clientAuth,
    );
    refreshConfig.timeout = timeout / 1_000;
    if (fetch) refreshConfig[customFetch] = fetch as never;
    if (issuer.protocol === 'http:') allowInsecureRequests(refreshConfig);
    const { jwks_uri: uri } = config.serverMetadata();
    if (!uri) throw new ConfigurationError('issuer', 'publishes no keys (jwks_uri)');
    const keys = createRemoteJWKSet(new URL(uri), {
      timeoutDuration: timeout,
      ...(fetch && { [joseFetch]: fetch }),
    });
    return { config, refreshConfig, keys };
  };

  let known: { readonly provider: Provider; readonly at: number } | undefined;
  let fetching: Promise<Provider> | undefined;
  const fetchProvider = (): Promise<Provider> => {
    fetching ??= discover()
      .then((provider) => {
        known = { provider, at: clock() };
        return provider;
      })
      .finally(() => {
        fetching = undefined;
      });
    return fetching;
  };
  return {
    issuer: issuer.href,
    clientId,
    signingAlgorithm,
    get: async () => {
      if (!known) return fetchProvider();
      if (clock() - known.at >= metadataLifetime) void fetchProvider().catch(() => {});
      return known.provider;
    },
  };
};

const validateIssuer = (value: unknown): URL => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  const isLocal = url !== null && isLoopback(url.hostname);
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) {
    throw new ConfigurationError('issuer', 'must be an https URL, or http on localhost');
  }
  return url;
};
