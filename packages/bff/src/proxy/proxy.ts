import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { createProxySettings } from './create-settings.ts';
import { destinationOf } from './destination.ts';
import { forward } from './forward.ts';
import type { ProxyOptions } from './options.ts';
import type { ProxySettings } from './settings.ts';
import { rejectHandshake } from './web-socket/handshake.ts';
import { openWebSocket } from './web-socket/open.ts';

/** The API proxy, for `node:http` and every framework on top of it. */
export interface ApiProxy {
  /**
   * Handles a request. Call it before any body parser.
   *
   * @returns false, without any effect, if no route matches
   * @throws an error that HTTP has no response for; no response was sent then
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /**
   * Handles a WebSocket handshake. Call it from the server's `upgrade` event.
   *
   * @returns false, without any effect, if no route matches
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<boolean>;
  /** Ends the requests, streams and WebSockets of sessions, waits for the rest, and closes all connections. */
  close(): Promise<void>;
}

/**
 * Creates a proxy that forwards requests of the browser to APIs, with the upstream token of the
 * session in place of the cookie. It requires Node.
 *
 * @example
 * ```ts
 * const proxy = createProxy({
 *   guard: bff.http.guard(),
 *   tokens: bff.upstream,
 *   sessions: bff.sessions,
 *   routes: [{ path: '/api', methods: ['GET', 'POST'], target: 'https://api.example.com/v1' }],
 * });
 * createServer(async (request, response) => {
 *   if (!(await proxy.handle(request, response))) response.writeHead(404).end();
 * });
 * ```
 *
 * @throws ConfigurationError if an option is missing, invalid or contradicts another one
 */
export const createProxy = (options: ProxyOptions): ApiProxy => {
  const settings = createProxySettings(options);
  let closed: Promise<void> | undefined;
  return {
    handle: (request, response) => forward(settings, request, response),
    upgrade: async (request, socket, head) => {
      const destination = destinationOf(settings, request);
      if (!destination) return false;
      if ('refusal' in destination) rejectHandshake(socket, destination.refusal);
      else await openWebSocket(settings, destination, request, socket, head);
      return true;
    },
    close: () => {
      closed ??= closeAll(settings);
      return closed;
    },
  };
};

const closeAll = async ({ open, routes }: ProxySettings): Promise<void> => {
  open.close();
  await Promise.all([...new Set(routes.map(({ pool }) => pool))].map((pool) => pool.close()));
};
