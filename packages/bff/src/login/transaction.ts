import { HttpError, type HttpRequest } from '@pawl/http';
import {
  type CookieAttributes,
  readCookie,
  serializeCookie,
  singleHeader,
} from '@pawl/http/extension';
import { base64url } from 'jose';
import type { BffSettings } from '../settings.ts';

/** One login under way: known to this service alone. */
export interface OpenTransaction {
  readonly nonce: string;
  /** PKCE (RFC 7636 § 4.1). */
  readonly verifier: string;
  /** Complete. */
  readonly returnTo: string;
  /** The session cookie that the browser had when it set out: it is `Strict`, and may not come back. */
  readonly previous?: string;
}

type AnyContext = BffSettings<unknown, unknown>;

/** In ms: as long as somebody may take to log in. */
export const transactionLifetime = 600_000;

/** Not a session: it is sealed elsewhere. */
const sealContext = 'login';

const bindingForm = /^[\w-]{43}$/;

/** `Lax`: the provider sends the browser back from another site. */
const cookieOf = ({ http }: AnyContext): CookieAttributes => {
  const secure = http.cookies?.policy.access.secure ?? true;
  return { name: secure ? '__Host-login' : 'login', path: '/', sameSite: 'Lax', secure };
};

/**
 * Begins a login that only this browser can finish, and only at this provider.
 * A browser that is logging in in another tab keeps its cookie.
 */
export const beginTransaction = async (
  settings: AnyContext,
  request: HttpRequest,
  transaction: OpenTransaction,
): Promise<{ readonly state: string; readonly cookie: string }> => {
  const known = readCookie(settings.http, request, cookieOf(settings));
  const binding =
    known && bindingForm.test(known)
      ? known
      : base64url.encode(crypto.getRandomValues(new Uint8Array(32)));
  const sealed = await settings.sealer.seal(JSON.stringify(transaction), sealContext);
  const state = await settings.transactions.issue({ sealed }, bound(settings, binding));
  const cookie = serializeCookie(cookieOf(settings), binding, transactionLifetime / 1_000);
  return { state, cookie };
};

/**
 * Takes the login that a callback finishes: once.
 * @throws TokenInvalidError for a state that is unknown, used, too old, or another browser's
 */
export const takeTransaction = async (
  settings: AnyContext,
  request: HttpRequest,
  state: string,
): Promise<OpenTransaction> => {
  const binding = readCookie(settings.http, request, cookieOf(settings)) ?? '';
  const { sealed } = await settings.transactions.take(state, bound(settings, binding));
  return JSON.parse(await settings.sealer.open(sealed, sealContext)) as OpenTransaction;
};

/** Clears the cookie that bound a login to its browser. */
export const endTransaction = (settings: AnyContext): string =>
  serializeCookie(cookieOf(settings), '', 0);

const bound = ({ provider }: AnyContext, binding: string): string =>
  `${provider.issuer}\n${binding}`;

/**
 * Login and callback are places that a browser goes to, not what a script fetches.
 * @throws HttpError `ERR_CSRF`
 */
export const checkNavigation = (request: HttpRequest): void => {
  const mode = singleHeader(request, 'sec-fetch-mode');
  const destination = singleHeader(request, 'sec-fetch-dest');
  if ((mode ?? 'navigate') !== 'navigate' || (destination ?? 'document') !== 'document') {
    throw new HttpError('ERR_CSRF', 'this is a page to go to');
  }
};
