import { type HttpRequest, webRequest } from '@pawl/http';
import { peerAddress } from '@pawl/http/binding';
import type { Context } from 'hono';

/** The request, with the peer's address where the server shows it. */
export const httpRequest = (c: Context): HttpRequest =>
  // Middleware that has read the body has left it in Hono's cache.
  webRequest(c.req.raw, peerAddress(c.req.raw, c.env), () => c.req.arrayBuffer());
