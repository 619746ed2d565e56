import { ConfigurationError } from '@pawl/core';
import { isSecureUrl } from '@pawl/core/internal';
import { allowInsecureRequests, type ClientAuth, Configuration, customFetch } from 'openid-client';
import type { Fetch, Provider } from './configured-provider.ts';

/** The endpoints of a provider of plain OAuth 2 (RFC 6749), which publishes no metadata. */
export interface ProviderEndpoints {
  /** Where users log in, such as `https://github.com/login/oauth/authorize`. */
  readonly authorization: string;
  /** Where codes are exchanged, such as `https://github.com/login/oauth/access_token`. */
  readonly token: string;
  /** Where tokens are revoked (RFC 7009), if the provider has such an endpoint. */
  readonly revocation?: string | undefined;
}

/** What the option `user` receives. */
export interface OAuthUserRequest {
  /** Sends it to the provider only. */
  readonly accessToken: string;
  readonly tokenType: 'Bearer' | 'DPoP';
}

/** A user of a provider without ID tokens, as the option `user` returns it. */
export interface OAuthUser {
  /** What identifies the user at the provider, and never changes: its id, not its name. */
  readonly sub: string;
  readonly [claim: string]: unknown;
}

/** What an access to such a provider is made of. */
interface PlainOptions {
  readonly endpoints: ProviderEndpoints;
  readonly issuer: URL;
  readonly clientId: string;
  readonly clientAuth: ClientAuth;
  /** In ms. */
  readonly timeout: number;
  readonly fetch: Fetch;
}

/** What an address of the provider must be. */
export const mustBeSecure =
  'must be an https URL, or http on localhost; or in development, with dangerouslyAllowPlainHttp';

/** @throws ConfigurationError */
export const validateEndpoints = (
  endpoints: ProviderEndpoints,
  allowPlainHttp: boolean | undefined,
): void => {
  for (const name of ['authorization', 'token', 'revocation'] as const) {
    const value: unknown = endpoints[name];
    if (name === 'revocation' && value === undefined) continue;
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : null;
    if (!url || !isSecureUrl(url, allowPlainHttp)) {
      throw new ConfigurationError(`endpoints.${name}`, mustBeSecure);
    }
  }
};

/** Creates the configuration of a provider of plain OAuth 2. Nothing is fetched for it. */
export const createPlainProvider = ({
  endpoints: { authorization, token, revocation },
  issuer,
  clientId,
  clientAuth,
  timeout,
  fetch,
}: PlainOptions): Provider => {
  const config = new Configuration(
    {
      issuer: issuer.href,
      authorization_endpoint: authorization,
      token_endpoint: token,
      ...(revocation !== undefined && { revocation_endpoint: revocation }),
    },
    clientId,
    {},
    clientAuth,
  );
  config.timeout = timeout / 1_000;
  config[customFetch] = tolerantFetch(fetch, new URL(token).href) as never;
  const urls = [authorization, token, revocation ?? token];
  if (urls.some((url) => url.startsWith('http:'))) allowInsecureRequests(config);
  return { config, refreshConfig: config, keys: null };
};

/** GitHub's names of a code or refresh token that is not valid any more. */
const invalidGrants: ReadonlySet<unknown> = new Set(['bad_verification_code', 'bad_refresh_token']);

/**
 * Makes the token responses of providers that deviate from RFC 6749 § 5 conform to it: errors with
 * the status 200, forms instead of JSON, no token type, members that are null. An ID token is
 * removed, because nobody verifies it.
 */
const tolerantFetch =
  (fetch: Fetch, tokenEndpoint: string): Fetch =>
  async (url, init) => {
    const response = await fetch(url, init);
    if (url !== tokenEndpoint) return response;
    const members = await readMembers(response);
    if (!members) return response;
    const { id_token: _, ...rest } = members;
    if (rest['access_token'] === undefined) {
      const error = invalidGrants.has(rest['error']) ? 'invalid_grant' : rest['error'];
      const status = response.ok && error !== undefined ? 400 : response.status;
      return Response.json({ ...rest, ...(error !== undefined && { error }) }, { status });
    }
    return Response.json({ token_type: 'bearer', ...rest }, { status: response.status });
  };

/** Returns null if the body is neither JSON nor a form, so that the response is refused as it is. */
const readMembers = async (response: Response): Promise<Record<string, unknown> | null> => {
  const type = response.headers.get('content-type') ?? '';
  const text = await response.clone().text();
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(type);
  const value = isForm ? Object.fromEntries(new URLSearchParams(text)) : parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};
