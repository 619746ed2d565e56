import { type HttpRequest, type NodeRequest, webRequest } from '@pawl/http';
import type { Context } from 'hono';

/**
 * The request, with the peer of the socket where the server shows it, as `@hono/node-server` does.
 */
export const httpRequest = (c: Context): HttpRequest => {
  const { incoming } = (c.env ?? {}) as { readonly incoming?: Partial<NodeRequest> };
  return webRequest(c.req.raw, incoming?.socket?.remoteAddress);
};
