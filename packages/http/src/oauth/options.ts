import { ConfigurationError } from '@pawl/core';
import { bytesEqual, decodeBase64url } from '@pawl/core/internal';

/**
 * Returns whether the secret is the client's. What it throws goes to the framework's error handler.
 */
export type AuthenticateClient = (clientId: string, secret: string) => boolean | Promise<boolean>;

/**
 * Options of the OAuth endpoints, for confidential clients: your own resource servers and back
 * ends.
 */
export interface OAuthOptions {
  /**
   * The clients: ids with the SHA-256 of their secrets (32 bytes, base64url), compared in constant
   * time; or a function of your own. Secrets must be random, with at least 128 bits.
   */
  readonly clients: Readonly<Record<string, string>> | AuthenticateClient;
  /** Whether there is `POST` `authPath` + `/revoke` (RFC 7009). Default true. */
  readonly revocation?: boolean | undefined;
  /** Whether there is `POST` `authPath` + `/introspect` (RFC 7662). Default true. */
  readonly introspection?: boolean | undefined;
}

/** The validated {@link OAuthOptions}. */
export interface OAuthSettings {
  readonly authenticate: AuthenticateClient;
  readonly revocation: boolean;
  readonly introspection: boolean;
}

/** Validates the options and applies the defaults. @throws ConfigurationError, naming the option */
export const createOAuthSettings = (options: OAuthOptions, canRevoke: boolean): OAuthSettings => {
  const { clients, revocation = true, introspection = true } = options;
  if (!revocation && !introspection) {
    throw new ConfigurationError('oauth', 'must enable revocation or introspection');
  }
  if (revocation && !canRevoke) {
    throw new ConfigurationError('oauth.revocation', 'requires sessions or a blocklist');
  }
  const authenticate = typeof clients === 'function' ? clients : authenticateBySecret(clients);
  return { authenticate, revocation, introspection };
};

const authenticateBySecret = (clients: Readonly<Record<string, string>>): AuthenticateClient => {
  const known = new Map<string, Uint8Array>();
  for (const [id, text] of Object.entries(clients ?? {})) {
    const digest = typeof text === 'string' ? decodeBase64url(text) : null;
    if (digest?.length !== 32) {
      throw new ConfigurationError(`oauth.clients.${id}`, 'must be a SHA-256 in base64url');
    }
    known.set(id, digest);
  }
  if (known.size === 0)
    throw new ConfigurationError('oauth.clients', 'must name at least one client');
  const unknown = new Uint8Array(32);
  return async (clientId, secret) => {
    const bytes = new TextEncoder().encode(secret);
    const digest = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
    // An unknown client takes as long as a known one.
    const isRight = bytesEqual(digest, known.get(clientId) ?? unknown);
    return isRight && known.has(clientId);
  };
};
