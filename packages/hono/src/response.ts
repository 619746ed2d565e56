import type { HttpResponse, Refusal } from '@pawl/http';
import { cookiesToAdd, type PendingCookies, setWebCookies } from '@pawl/http/binding';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { assertAllowed } from './refused.ts';

/** Sets a response of Pawl on the one that is about to be made. @throws HTTPException */
export const applyToContext = <Allowed extends HttpResponse>(
  c: Context,
  response: Allowed | Refusal,
): Allowed => {
  const allowed = assertAllowed(response);
  for (const [name, value] of Object.entries(allowed.headers)) c.header(name, value);
  if (allowed.cookies.length > 0) setWebCookies(c.res.headers, allowed.cookies, c.env);
  return allowed;
};

/** Makes a response of Pawl, with what middleware has set on it. @throws HTTPException */
export const respond = (c: Context, response: HttpResponse): Response => {
  const { status, body } = applyToContext(c, response);
  const code = status as ContentfulStatusCode;
  return body === undefined ? c.body(null, code) : c.json(body, code);
};

/** Adds the cookies of a guard to the response that a handler has made. */
export const addPendingCookies = (c: Context, pending: PendingCookies): void => {
  const added = cookiesToAdd(c.res.headers.getSetCookie(), pending);
  // Through `c.header`, which copies headers that are immutable.
  if (added.length > 0) c.header('cache-control', 'no-store');
  setWebCookies(c.res.headers, added, c.env);
};
