import { serializeSessionCookies } from './cookies/session-cookies.ts';
import type { LoginTokens } from './issuer/issuer.ts';
import type { Delivery } from './options.ts';
import { type HttpResponse, jsonResponse } from './response.ts';
import type { AnyHttpSettings } from './settings.ts';

/**
 * The body of a response with tokens. The tokens are in it only if they are delivered there (RFC
 * 6749 § 5.1).
 */
export interface TokenBody {
  readonly token_type?: 'Bearer' | 'DPoP' | undefined;
  readonly access_token?: string | undefined;
  readonly refresh_token?: string | undefined;
  /** In seconds: how long the access token is valid. Refresh before that. */
  readonly expires_in: number;
}

/**
 * Creates the response that delivers tokens.
 *
 * @throws InvalidInputError for a token that does not fit into a cookie
 */
export const deliverTokens = (
  { cookies, clock }: AnyHttpSettings,
  tokens: LoginTokens,
  delivery: Delivery,
): HttpResponse & { readonly body: TokenBody } => {
  const now = clock();
  const expiry = {
    expires_in: Math.max(0, Math.floor((tokens.accessTokenExpiresAt - now) / 1_000)),
  };
  const body: TokenBody =
    delivery === 'cookies'
      ? expiry
      : {
          token_type: tokens.tokenType,
          access_token: tokens.accessToken,
          ...(tokens.refreshToken !== null && { refresh_token: tokens.refreshToken }),
          ...expiry,
        };
  const set =
    delivery === 'body' || !cookies ? [] : serializeSessionCookies(cookies.policy, tokens, now);
  return { ...jsonResponse(200, body, set), body };
};
