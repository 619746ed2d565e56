import type { IssuedTokens } from '@pawl/core';
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
  /**
   * In seconds: how long the access token is valid; with a session cookie alone, how long the
   * session can last.
   */
  readonly expires_in: number;
}

/**
 * Creates the response that delivers tokens.
 *
 * @throws InvalidInputError for a token that does not fit into a cookie
 */
export const deliverTokens = (
  { cookies, clock }: AnyHttpSettings,
  tokens: LoginTokens & Partial<Pick<IssuedTokens, 'outcome'>>,
  delivery: Delivery,
): HttpResponse & { readonly body: TokenBody } => {
  const now = clock();
  const byCookie = delivery === 'body' ? undefined : cookies?.policy;
  const rotates = byCookie?.mode === 'session';
  // The session cookie is valid for as long as the session.
  const expiresAt =
    rotates && delivery === 'cookies'
      ? (tokens.refreshTokenExpiresAt ?? tokens.accessTokenExpiresAt)
      : tokens.accessTokenExpiresAt;
  const expiry = { expires_in: Math.max(0, Math.floor((expiresAt - now) / 1_000)) };
  const body: TokenBody =
    delivery === 'cookies'
      ? expiry
      : {
          token_type: tokens.tokenType,
          access_token: tokens.accessToken,
          // The chain of a session cookie has one holder: the browser.
          ...(tokens.refreshToken !== null && !rotates && { refresh_token: tokens.refreshToken }),
          ...expiry,
        };
  // The browser has the current token already: setting it again could overwrite a newer one.
  const set =
    byCookie && tokens.outcome !== 'settled' ? serializeSessionCookies(byCookie, tokens, now) : [];
  return { ...jsonResponse(200, body, set), body };
};
