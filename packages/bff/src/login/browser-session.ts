import { isPawlError } from '@pawl/core';
import type { HttpRequest } from '@pawl/http';
import { serializeCookie } from '@pawl/http/extension';
import type { AnyBffSettings } from '../settings.ts';
import { readCookiePairs } from './cookie-pairs.ts';

/**
 * The session of the last login in this browser. Unlike the session cookie it is sent when another
 * site navigates here, and it authenticates nobody: it only lets the next login end that session,
 * and a reload of its callback find the way back.
 */
export interface BrowserSession {
  readonly sessionId: string;
  /** The state of the login. */
  readonly state: string;
  /** A complete URL. */
  readonly returnTo: string;
}

const sealContext = 'browser session';

/** How many cookies of the name are read: a sibling domain may have set others. */
const maxCookies = 4;

/** In characters: a longer path is not kept. The cookie lasts as long as the session. */
const maxReturnTo = 512;

/** Returns the `Set-Cookie` for the session that a login has created. */
export const rememberBrowserSession = async (
  { sealer, login, absoluteTimeout }: AnyBffSettings,
  { returnTo, ...session }: BrowserSession,
): Promise<string> => {
  const short = returnTo.length <= maxReturnTo ? returnTo : new URL('/', login.origin).href;
  const text = JSON.stringify({ ...session, returnTo: short });
  const sealed = await sealer.seal(text, sealContext);
  return serializeCookie(login.browserCookie, sealed, absoluteTimeout / 1_000);
};

/** Returns what the cookies of this browser say of its last login. */
export const readBrowserSessions = async (
  { sealer, login }: AnyBffSettings,
  request: HttpRequest,
): Promise<readonly BrowserSession[]> => {
  const { name } = login.browserCookie;
  const pairs = readCookiePairs(request, name).filter((pair) => pair.name === name);
  const found: BrowserSession[] = [];
  for (const { value } of pairs.slice(0, maxCookies)) {
    try {
      found.push(JSON.parse(await sealer.open(value, sealContext)) as BrowserSession);
    } catch (error) {
      // Of another service on this domain, or sealed with a secret that is gone.
      if (!isPawlError(error)) throw error;
    }
  }
  return found;
};

/** Returns the `Set-Cookie` values that remove the cookie, if the browser has it. */
export const clearBrowserSession = (
  { login }: AnyBffSettings,
  request: HttpRequest,
): readonly string[] =>
  readCookiePairs(request, login.browserCookie.name).length > 0
    ? [serializeCookie(login.browserCookie, '', 0)]
    : [];
