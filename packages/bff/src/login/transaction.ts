import { isPawlError } from '@pawl/core';
import { encodeBase64url } from '@pawl/core/internal';
import type { HttpRequest } from '@pawl/http';
import { randomNonce, randomPKCECodeVerifier } from 'openid-client';
import type { AnyBffSettings } from '../settings.ts';
import { addLoginCookie, loginLifetime, readLoginCookie, type Starter } from './login-cookies.ts';

/** What is known when a login begins. */
export interface LoginStart {
  /** A complete URL. */
  readonly returnTo: string;
  /**
   * The ids of the sessions that the browser had when it left. With `SameSite=Strict` its cookies
   * are not sent when it comes back.
   */
  readonly previous: readonly string[];
  /** The states of logins whose response this browser did not receive. Their sessions end, too. */
  readonly retryOf: readonly string[];
}

/** A login under way, unsealed. */
export interface OpenTransaction extends LoginStart {
  readonly state: string;
  readonly nonce: string;
  /** The code verifier of PKCE (RFC 7636 § 4.1). */
  readonly verifier: string;
  /** In ms since the epoch. */
  readonly startedAt: number;
}

const stateForm = /^[\w-]{43}$/;

/**
 * Begins a login that only this browser can finish, and only at this provider. All of it is in a
 * sealed cookie, one per login: nothing is stored for somebody who only began.
 */
export const beginTransaction = async (
  settings: AnyBffSettings,
  request: HttpRequest,
  starter: Starter,
  start: LoginStart,
): Promise<{ readonly transaction: OpenTransaction; readonly cookies: readonly string[] }> => {
  const state = encodeBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const transaction: OpenTransaction = {
    ...start,
    state,
    nonce: randomNonce(),
    verifier: randomPKCECodeVerifier(),
    startedAt: settings.clock(),
  };
  const sealed = await settings.sealer.seal(JSON.stringify(transaction), sealContext(settings));
  const cookies = addLoginCookie(settings, request, state, starter, sealed);
  if (cookies) return { transaction, cookies };
  // A page of another origin gets no room for a long path.
  const shorter = { ...start, returnTo: new URL('/', settings.login.origin).href };
  return beginTransaction(settings, request, starter, shorter);
};

/**
 * Returns the login that a callback finishes; null if its state is unknown, expired, from another
 * browser or for another provider.
 */
export const openTransaction = async (
  settings: AnyBffSettings,
  request: HttpRequest,
  state: string,
): Promise<OpenTransaction | null> => {
  if (!stateForm.test(state)) return null;
  const sealed = readLoginCookie(settings, request, state);
  if (sealed === null) return null;
  const transaction = await open(settings, sealed);
  if (transaction?.state !== state) return null;
  return settings.clock() - transaction.startedAt < loginLifetime ? transaction : null;
};

const open = async (settings: AnyBffSettings, sealed: string): Promise<OpenTransaction | null> => {
  try {
    const text = await settings.sealer.open(sealed, sealContext(settings));
    return JSON.parse(text) as OpenTransaction;
  } catch (error) {
    if (isPawlError(error) && error.code === 'ERR_STORE_RECORD') return null;
    throw error;
  }
};

/** What a login is bound to beside its browser. Sessions have another context. */
const sealContext = ({ provider, login }: AnyBffSettings): string =>
  `login\n${provider.issuer}\n${provider.clientId}\n${login.redirectUri}`;
