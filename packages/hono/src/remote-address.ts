import type { Context } from 'hono';

/** What the Node server of Hono hands to its handlers. */
interface NodeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string } };
}

/** The peer of the socket, where the server tells: Node does. Headers are not looked at. */
export const remoteAddress = (c: Context): string | undefined =>
  (c.env as NodeBindings | undefined)?.incoming?.socket?.remoteAddress;
