import { type Clock, ConfigurationError } from '@pawl/core';
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

/** Which identity provider users log in at, and as which client. */
export interface ProviderOptions {
  /** The issuer: `https://…`, or `http://` on localhost. */
  readonly issuer: string;
  readonly clientId: string;
  /** Sent in the body of requests. Needed, unless `clientAuth` is given. */
  readonly clientSecret?: string;
  /** How the client authenticates instead: `PrivateKeyJwt(…)` of `openid-client`, for one. */
  readonly clientAuth?: ClientAuth;
  /** How the provider signs ID and logout tokens. Default `RS256`. */
  readonly signingAlgorithm?: string;
  /** In ms: how long one request to the provider may take. Default 10,000. */
  readonly providerTimeout?: number;
  /** Default the platform's. */
  readonly fetch?: (url: string, init?: RequestInit) => Promise<Response>;
}

/** What is known of the provider once it has been discovered. */
export interface Provider {
  /** For logins: the signatures of ID tokens are checked. */
  readonly config: Configuration;
  /**
   * For refreshes: no keys are fetched for an ID token that may come along, as a refresh
   * must not fail, and lose what was rotated, because another endpoint is down.
   */
  readonly refreshing: Configuration;
  /** Its keys, for logout tokens. */
  readonly keys: JWTVerifyGetKey;
}

/** The provider, discovered when it is first needed. */
export interface ProviderAccess {
  readonly issuer: string;
  readonly clientId: string;
  readonly signingAlgorithm: string;
  /** @throws the library's error; the next call asks again */
  get(): Promise<Provider>;
}

/** In ms: after that the metadata are read anew, and the old ones serve until they are. */
const metadataLifetime = 3_600_000;

/** @throws ConfigurationError, naming the option. */
export const createProviderAccess = (options: ProviderOptions, clock: Clock): ProviderAccess => {
  const { clientId, clientSecret, signingAlgorithm = 'RS256', fetch } = options;
  const issuer = checkedIssuer(options.issuer);
  if (typeof clientId !== 'string' || clientId === '') {
    throw new ConfigurationError('clientId', 'is needed');
  }
  // Only a confidential client may hold tokens for others (BBA § 6.1.3.1).
  if (!options.clientAuth && !clientSecret) {
    throw new ConfigurationError('clientSecret', 'is needed, or clientAuth');
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
    const refreshing = new Configuration(
      config.serverMetadata(),
      clientId,
      { id_token_signed_response_alg: signingAlgorithm },
      clientAuth,
    );
    refreshing.timeout = timeout / 1_000;
    if (fetch) refreshing[customFetch] = fetch as never;
    if (issuer.protocol === 'http:') allowInsecureRequests(refreshing);
    const { jwks_uri: uri } = config.serverMetadata();
    if (!uri) throw new ConfigurationError('issuer', 'publishes no keys (jwks_uri)');
    const keys = createRemoteJWKSet(new URL(uri), {
      timeoutDuration: timeout,
      ...(fetch && { [joseFetch]: fetch }),
    });
    return { config, refreshing, keys };
  };

  let known: { readonly provider: Provider; readonly at: number } | undefined;
  let asking: Promise<Provider> | undefined;
  const ask = (): Promise<Provider> => {
    asking ??= discover()
      .then((provider) => {
        known = { provider, at: clock() };
        return provider;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
  return {
    issuer: issuer.href,
    clientId,
    signingAlgorithm,
    get: async () => {
      if (!known) return ask();
      if (clock() - known.at >= metadataLifetime) void ask().catch(() => {});
      return known.provider;
    },
  };
};

const checkedIssuer = (given: unknown): URL => {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : null;
  const isLocal = url !== null && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) {
    throw new ConfigurationError('issuer', 'must be an https URL, or http on localhost');
  }
  return url;
};
