import { type Clock, ConfigurationError } from '@pawl/core';
import { isSecureUrl } from '@pawl/core/internal';
import { createRemoteJWKSet, customFetch as joseFetch } from 'jose';
import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretPost,
  Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
} from 'openid-client';
import type { Fetch, Provider } from './configured-provider.ts';
import {
  createPlainProvider,
  mustBeSecure,
  type OAuthUser,
  type OAuthUserRequest,
  type ProviderEndpoints,
  validateEndpoints,
} from './plain-oauth.ts';

/**
 * Options for the identity provider. `clientId`, a client authentication and either `issuer` or
 * `endpoints` with `user` are required.
 */
export interface ProviderOptions {
  /**
   * The issuer identifier of an OpenID Connect provider: `https://…`, or `http://` on this machine
   * (`localhost`, `*.localhost`). With
   * `endpoints` it is what the provider sends as `iss`, if it does (RFC 9207).
   */
  readonly issuer?: string | undefined;
  /**
   * The endpoints of a provider of plain OAuth 2, such as GitHub, which has neither metadata nor ID
   * tokens. Requires `user`.
   */
  readonly endpoints?: ProviderEndpoints | undefined;
  /**
   * Returns who has logged in at a provider without ID tokens: asks it with the access token. If it
   * throws, the login is aborted and the error goes to the error handler. Requires `endpoints`.
   */
  readonly user?: ((request: OAuthUserRequest) => OAuthUser | Promise<OAuthUser>) | undefined;
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
  /**
   * Accepts `http` on every host: for the provider, and in `origin` and `allowedOrigins`. For
   * development on a LAN or in containers, where tokens and cookies then travel in the clear. Default
   * false.
   */
  readonly dangerouslyAllowPlainHttp?: boolean | undefined;
  /** Sends the requests to the provider. Default: the global `fetch`. */
  readonly fetch?: ((url: string, init?: RequestInit) => Promise<Response>) | undefined;
}

/** Access to the provider, whose metadata is fetched when it is first needed. */
export interface ProviderAccess {
  readonly issuer: string;
  readonly clientId: string;
  readonly signingAlgorithm: string;
  /** Returns the user of a provider without ID tokens; null for OpenID Connect. */
  readonly user: ProviderOptions['user'] | null;
  /** Whether the provider says who it is in the response to a login. */
  readonly sendsIssuer: boolean;
  /** @throws an error of `openid-client`; the next call tries again */
  get(): Promise<Provider>;
}

/** In ms: older metadata is fetched again in the background, and used until that is done. */
const metadataLifetime = 3_600_000;

/** @throws ConfigurationError if an option is missing or invalid */
export const createProviderAccess = (options: ProviderOptions, clock: Clock): ProviderAccess => {
  const { clientId, clientSecret, signingAlgorithm = 'RS256', fetch } = options;
  const { endpoints, user } = options;
  validatePlain(options);
  const issuer =
    endpoints && options.issuer === undefined
      ? new URL(new URL(endpoints.authorization).origin)
      : validateIssuer(options.issuer, options.dangerouslyAllowPlainHttp);
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
  const common = { issuer: issuer.href, clientId, signingAlgorithm };
  if (endpoints) {
    const settings = { endpoints, issuer, clientId, clientAuth, timeout };
    const send: Fetch = fetch ?? ((url, init) => globalThis.fetch(url, init));
    const plain = createPlainProvider({ ...settings, fetch: send });
    const sendsIssuer = options.issuer !== undefined;
    return { ...common, user, sendsIssuer, get: async () => plain };
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
    ...common,
    user: null,
    sendsIssuer: true,
    get: async () => {
      if (!known) return fetchProvider();
      if (clock() - known.at >= metadataLifetime) void fetchProvider().catch(() => {});
      return known.provider;
    },
  };
};

/** @throws ConfigurationError for options that contradict the kind of the provider */
const validatePlain = (options: ProviderOptions): void => {
  const { endpoints, user, signingAlgorithm } = options;
  if (!endpoints) {
    if (user !== undefined) throw new ConfigurationError('user', 'requires endpoints');
    return;
  }
  validateEndpoints(endpoints, options.dangerouslyAllowPlainHttp);
  if (typeof user !== 'function') {
    throw new ConfigurationError('user', 'is required with endpoints: there is no ID token');
  }
  if (signingAlgorithm !== undefined) {
    throw new ConfigurationError('signingAlgorithm', 'requires a provider with ID tokens');
  }
};

const validateIssuer = (value: unknown, allowPlainHttp: boolean | undefined): URL => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
  if (!url || !isSecureUrl(url, allowPlainHttp)) {
    throw new ConfigurationError('issuer', mustBeSecure);
  }
  return url;
};
