import { type HttpRequest, type NodeRequest, webRequest } from '@pawl/http';
import type { Context } from 'hono';

/**
 * The request, with the peer of the socket where the server shows it, as `@hono/node-server` does.
 */
export const httpRequest = (c: Context): HttpRequest => {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: Partial<NodeRequest> };
  // Middleware that has read the body has left it in Hono's cache.
  return webRequest(c.req.raw, incoming?.socket?.remoteAddress, () => c.req.arrayBuffer());
};
