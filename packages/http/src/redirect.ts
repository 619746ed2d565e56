import { isPawlError } from '@pawl/core';
import { serializeCookie } from './cookies/serialize.ts';
import { readCookies } from './credential.ts';
import { type HttpRequest, isSafeMethod, singleHeader } from './request.ts';
import { type HttpResponse, noStore } from './response.ts';
import type { AnyHttpSettings } from './settings.ts';

/** Whether a newer session token is in use, so that the browser has to come back with it. */
export const isRefreshRetry = (error: unknown): boolean =>
  isPawlError(error) && error.code === 'ERR_REFRESH_RETRY';

/** In seconds: long enough for one round trip over a bad network. */
const markerMaxAge = 10;

/**
 * Sends a page load to its own address, once, so that the browser comes back with its newest
 * cookie. A form that was sent is sent again (307), because nothing has happened yet.
 *
 * @returns null for a request of a script, which gets 409 with `Retry-After`, and for a page load
 *   that comes from there
 */
export const redirectToSelf = (
  settings: AnyHttpSettings,
  request: HttpRequest,
): HttpResponse | null => {
  const { cookies } = settings;
  if (!cookies || !isNavigation(request)) return null;
  const { credential } = cookies.policy;
  const marker = { ...credential, name: `${credential.name}_retry` };
  if (readCookies(settings, request, marker).length > 0) return null;
  return {
    status: isSafeMethod(request.method) ? 303 : 307,
    headers: { ...noStore, location: ownAddress(request) },
    cookies: [serializeCookie(marker, '1', markerMaxAge)],
  };
};

const isNavigation = (request: HttpRequest): boolean => {
  const mode = singleHeader(request, 'sec-fetch-mode');
  if (mode !== undefined) return mode === 'navigate';
  // A browser without fetch metadata.
  return (
    isSafeMethod(request.method) && /\btext\/html\b/.test(singleHeader(request, 'accept') ?? '')
  );
};

/**
 * Relative to the last segment, which no proxy in front removes, so that it leads to the address in
 * the browser's own words, and never to another host.
 */
const ownAddress = ({ path, query }: HttpRequest): string => {
  const segment = path.slice(path.lastIndexOf('/') + 1);
  const target = `./${segment}${query === '' ? '' : `?${query}`}`;
  return target.replace(/[^!-~]/g, (character) => encodeURIComponent(character));
};
