import { encodeBase64url } from '@pawl/core/internal';
import { HttpError, type HttpRequest } from '@pawl/http';
import {
  type CookieAttributes,
  readCookie,
  serializeCookie,
  singleHeader,
} from '@pawl/http/extension';
import type { AnyBffSettings } from '../settings.ts';

/** A login in progress, unsealed. */
export interface OpenTransaction {
  readonly nonce: string;
  /** The code verifier of PKCE (RFC 7636 § 4.1). */
  readonly verifier: string;
  /** A complete URL. */
  readonly returnTo: string;
  /**
   * The session tokens that the browser had when it left. With `SameSite=Strict` its cookies are not
   * sent when it comes back. A transaction of an earlier version has one string, or none.
   */
  readonly previous?: readonly string[] | string;
}

/** In ms: how long a user may take to log in. */
export const transactionLifetime = 600_000;

/** The seal context. Sessions have another one. */
const sealContext = 'login';

const bindingForm = /^[\w-]{43}$/;

/** `Lax`, because the provider sends the browser back from another site. */
const cookieOf = ({ http }: AnyBffSettings): CookieAttributes => {
  const secure = http.cookies?.policy.credential.secure ?? true;
  return { name: secure ? '__Host-login' : 'login', path: '/', sameSite: 'Lax', secure };
};

/**
 * Begins a login that only this browser can finish, and only at this provider. If the browser is
 * logging in in another tab as well, both share one cookie.
 */
export const beginTransaction = async (
  settings: AnyBffSettings,
  request: HttpRequest,
  transaction: OpenTransaction,
): Promise<{ readonly state: string; readonly cookie: string }> => {
  const present = readCookie(settings.http, request, cookieOf(settings));
  const binding =
    present && bindingForm.test(present)
      ? present
      : encodeBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const sealed = await settings.sealer.seal(JSON.stringify(transaction), sealContext);
  const state = await settings.transactions.issue(
    { sealed },
    { binding: bindingContext(settings, binding) },
  );
  const cookie = serializeCookie(cookieOf(settings), binding, transactionLifetime / 1_000);
  return { state, cookie };
};

/**
 * Takes the login that a callback finishes. Each one can be taken once.
 *
 * @throws TokenInvalidError if the state is unknown, used, expired or from another browser
 */
export const takeTransaction = async (
  settings: AnyBffSettings,
  request: HttpRequest,
  state: string,
): Promise<OpenTransaction> => {
  const binding = readCookie(settings.http, request, cookieOf(settings)) ?? '';
  const { sealed } = await settings.transactions.take(state, {
    binding: bindingContext(settings, binding),
  });
  return JSON.parse(await settings.sealer.open(sealed, sealContext)) as OpenTransaction;
};

/** Returns the `Set-Cookie` that clears the cookie of a login. */
export const clearTransactionCookie = (settings: AnyBffSettings): string =>
  serializeCookie(cookieOf(settings), '', 0);

/** What a state is bound to: the provider and the browser. */
const bindingContext = ({ provider }: AnyBffSettings, binding: string): string =>
  `${provider.issuer}\n${binding}`;

/**
 * Login and callback are pages to navigate to. A script must not fetch them.
 *
 * @throws HttpError `ERR_CSRF`
 */
export const assertNavigation = (request: HttpRequest): void => {
  const mode = singleHeader(request, 'sec-fetch-mode');
  const destination = singleHeader(request, 'sec-fetch-dest');
  if ((mode ?? 'navigate') !== 'navigate' || (destination ?? 'document') !== 'document') {
    throw new HttpError('ERR_CSRF', 'navigate to this page, do not fetch it');
  }
};
