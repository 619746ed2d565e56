import { ConfigurationError } from '@pawl/core';

/** Whether a client is who it says, by its secret. What it throws goes to the error handler. */
export type AuthenticateClient = (clientId: string, secret: string) => boolean | Promise<boolean>;

/** Endpoints of OAuth for confidential clients: your own resource servers and back ends. */
export interface OAuthOptions {
  /**
   * Who may call: client ids with the SHA-256 of their secrets (32 bytes, base64url), which are
   * compared in constant time; or a function of your own. Secrets must be random: 128 bits or more.
   */
  readonly clients: Readonly<Record<string, string>> | AuthenticateClient;
  /** `POST` `authPath` + `/revoke` (RFC 7009). Default true. */
  readonly revocation?: boolean;
  /** `POST` `authPath` + `/introspect` (RFC 7662). Default true. */
  readonly introspection?: boolean;
}

/** The same, checked. */
export interface OAuthSettings {
  readonly authenticate: AuthenticateClient;
  readonly revocation: boolean;
  readonly introspection: boolean;
}

/** @throws ConfigurationError, naming the option. */
export const createOAuthSettings = (options: OAuthOptions, canRevoke: boolean): OAuthSettings => {
  const { clients, revocation = true, introspection = true } = options;
  if (!revocation && !introspection) {
    throw new ConfigurationError('oauth', 'offers neither revocation nor introspection');
  }
  if (revocation && !canRevoke) {
    throw new ConfigurationError('oauth.revocation', 'needs sessions, or a blocklist');
  }
  const authenticate = typeof clients === 'function' ? clients : authenticateBySecret(clients);
  return { authenticate, revocation, introspection };
};

const digestForm = /^[\w-]{43}$/;

const authenticateBySecret = (clients: Readonly<Record<string, string>>): AuthenticateClient => {
  const known = new Map(Object.entries(clients ?? {}));
  if (known.size === 0) throw new ConfigurationError('oauth.clients', 'must name a client');
  for (const [id, digest] of known) {
    if (typeof digest === 'string' && digestForm.test(digest)) continue;
    throw new ConfigurationError(`oauth.clients.${id}`, 'must be a SHA-256 in base64url');
  }
  return async (clientId, secret) => {
    const digest = await globalThis.crypto.subtle.digest(
      'SHA-256',
      new TextEncoder().encode(secret),
    );
    // An unknown client costs as much as a known one.
    return isSame(base64url(new Uint8Array(digest)), known.get(clientId) ?? '.'.repeat(43));
  };
};

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace('=', '');

/** Looks at every character, wherever the first difference is. */
const isSame = (one: string, other: string): boolean => {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
};
