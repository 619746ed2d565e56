import { type HttpRequest, webRequest } from '@pawl/http';
import { peerAddress, waitUntilOf } from '@pawl/http/binding';
import type { Context } from 'hono';

/** The request, with what the server shows beside it. */
export const httpRequest = (c: Context): HttpRequest => {
  const peer = peerAddress(c.req.raw, c.env);
  // Middleware that has read the body has left it in Hono's cache.
  return webRequest(c.req.raw, peer, () => c.req.arrayBuffer(), waitUntilOf(c));
};
