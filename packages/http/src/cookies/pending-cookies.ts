import type { HttpResponse } from '../response.ts';

/**
 * Cookies for the response that the application is about to send. They are written when its headers
 * leave, unless the response sets a cookie of the same name itself, or it is too late.
 */
export interface PendingCookies {
  /** Complete `Set-Cookie` values. */
  readonly cookies: readonly string[];
  /**
   * Returns whether the cookies may still leave. A response that took long must not write an older
   * token over a newer one: the browser gets the newest token with its next request.
   */
  readonly mayLeave: () => boolean;
}

/** The part of a `Set-Cookie` value that a browser replaces a cookie by: its name and path. */
export const cookieKey = (cookie: string): string => {
  const name = cookie.split('=', 1)[0] ?? '';
  const path = /;\s*path=([^;]*)/i.exec(cookie)?.[1] ?? '/';
  return `${name};${path}`;
};

/** A header as `node:http` has it. */
export type SetCookieHeader = number | string | readonly string[];

/**
 * Adds cookies to the `Set-Cookie` values of a response. Each replaces an earlier one of its name and path.
 *
 * @param present the `Set-Cookie` header of the response so far
 */
export const withCookies = (
  present: SetCookieHeader | undefined,
  cookies: readonly string[],
): string[] => {
  const replaced = new Set(cookies.map(cookieKey));
  const kept = present === undefined ? [] : [present].flat().map(String);
  return [...kept.filter((cookie) => !replaced.has(cookieKey(cookie))), ...cookies];
};

/** Returns the cookies that may leave, without those that the response sets itself. */
export const cookiesToAdd = (
  present: readonly string[],
  { cookies, mayLeave }: PendingCookies,
): readonly string[] => {
  if (!mayLeave()) return [];
  const set = new Set(present.map(cookieKey));
  return cookies.filter((cookie) => !set.has(cookieKey(cookie)));
};

/** Adds what a guard has left to a response of Pawl, which is sent at once. */
export const withPendingCookies = <Response extends HttpResponse>(
  response: Response,
  pending: PendingCookies | null,
): Response => {
  if (!pending) return response;
  const added = cookiesToAdd(response.cookies, pending);
  return added.length === 0 ? response : { ...response, cookies: [...response.cookies, ...added] };
};
