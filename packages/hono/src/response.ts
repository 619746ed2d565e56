import type { HttpResponse, Refusal } from '@pawl/http';
import {
  cookieKey,
  cookiesToAdd,
  guardResponseHead,
  isCacheHeader,
  type NodeResponseHead,
  type PendingCookies,
  withCookies,
} from '@pawl/http/binding';
import type { Context } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import { assertAllowed } from './refused.ts';

/**
 * Sets headers and cookies on the response that the handler is about to make. @throws HTTPException
 */
export const applyToContext = <Allowed extends HttpResponse>(
  c: Context,
  response: Allowed | Refusal,
): Allowed => {
  const allowed = assertAllowed(response);
  const { headers, cookies } = allowed;
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  if (cookies.length === 0) return allowed;
  setCookies(c, cookies);
  return allowed;
};

/** Makes a response of Pawl through the context, with what middleware has set on it before. */
export const respond = (c: Context, response: HttpResponse): Response => {
  const { status, headers, cookies, body } = response;
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
  if (cookies.length > 0) setCookies(c, cookies);
  c.status(status as StatusCode);
  return body === undefined ? c.body(null) : c.json(body);
};

/** Adds the cookies of a guard to the response that a handler has made. */
export const addPendingCookies = (c: Context, pending: PendingCookies): void => {
  const added = cookiesToAdd(c.res.headers.getSetCookie(), pending);
  if (added.length === 0) return;
  for (const cookie of added) c.header('set-cookie', cookie, { append: true });
  for (const name of [...c.res.headers.keys()].filter(isCacheHeader)) c.header(name, undefined);
  c.header('cache-control', 'no-store');
  c.header('pragma', 'no-cache');
  guardHead(c, added);
};

/** A cookie replaces an earlier one of the same name and path. */
const setCookies = (c: Context, cookies: readonly string[]): void => {
  const all = withCookies(c.res.headers.getSetCookie(), cookies);
  c.header('set-cookie', undefined);
  for (const cookie of all) c.header('set-cookie', cookie, { append: true });
  guardHead(c, cookies);
};

/** On Node, the last word about caching is spoken when the head leaves. */
const guardHead = (c: Context, cookies: readonly string[]): void => {
  const { outgoing } = (c.env ?? {}) as { readonly outgoing?: NodeResponseHead };
  if (typeof outgoing?.writeHead === 'function') {
    guardResponseHead(outgoing, cookies.map(cookieKey));
  }
};
