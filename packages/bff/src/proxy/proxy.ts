import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { forward } from './forward.ts';
import type { ProxyOptions } from './options.ts';
import { createProxySettings, destinationOf, type ProxySettings } from './settings.ts';
import { refuse } from './web-socket/handshake.ts';
import { openWebSocket } from './web-socket/open.ts';

/** The API proxy, for `node:http` and every framework on it. */
export interface Proxy {
  /**
   * Answers a request: to be mounted ahead of body parsers.
   *
   * @returns false, at once, where it is for none of the routes: nothing was done
   * @throws what HTTP has no answer to, before anything was answered
   */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /**
   * Answers a WebSocket handshake: for the server's `upgrade` event.
   *
   * @returns false, at once, where it is for none of the routes: the socket is somebody else's
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<boolean>;
  /** Ends what is open in the name of a session, waits for the rest, and closes all connections. */
  close(): Promise<void>;
}

/**
 * Sets the proxy up.
 *
 * @throws ConfigurationError, naming the option that is missing or contradicts another.
 */
export const createProxy = (options: ProxyOptions): Proxy => {
  const settings = createProxySettings(options);
  let closed: Promise<void> | undefined;
  return {
    handle: (request, response) => forward(settings, request, response),
    upgrade: async (request, socket, head) => {
      const found = destinationOf(settings, request);
      if (!found) return false;
      if ('refusal' in found) refuse(socket, found.refusal);
      else await openWebSocket(settings, found, request, socket, head);
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
