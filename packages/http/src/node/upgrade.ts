import type { Auth } from '@pawl/core';
import type { Guard, GuardOptions } from '../guard.ts';
import type { HttpResponse } from '../response.ts';
import { type NodeRequest, nodeRequest } from './request.ts';

/**
 * Serializes a response as HTTP/1.1, for the socket of a refused upgrade, which has no
 * `ServerResponse`: `socket.end(upgradeRefusal(outcome.response))`.
 */
export const upgradeRefusal = ({ status, headers, cookies, body }: HttpResponse): string => {
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = [
    // No reason phrase: clients ignore it (RFC 9112 § 4).
    `HTTP/1.1 ${status} `,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...cookies.map((cookie) => `set-cookie: ${cookie}`),
    ...(text ? ['content-type: application/json'] : []),
    `content-length: ${new TextEncoder().encode(text).length}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
};

/**
 * Checks the request of a WebSocket, in the event `upgrade` of a `node:http` server. A
 * refusal is written to the socket, and the result is null.
 */
export type UpgradeGuard<Claims, Data> = (
  request: NodeRequest,
  socket: { end(data: string): unknown },
  options?: GuardOptions<Claims, Data>,
) => Promise<Auth<Claims, Data> | null>;

/**
 * Creates the `upgrade` of a binding, which is the same in every framework on Node.
 *
 * @example
 * const upgrade = createUpgradeGuard(http);
 * server.on('upgrade', async (request, socket) => {
 *   const auth = await upgrade(request, socket);
 * });
 */
export const createUpgradeGuard =
  <Claims, Data>(http: {
    guard(options?: GuardOptions<Claims, Data>): Guard<Claims, Data>;
  }): UpgradeGuard<Claims, Data> =>
  async (request, socket, options) => {
    const outcome = await http.guard(options)(nodeRequest(request), { canSetCookies: false });
    if (outcome.kind === 'refused' || outcome.kind === 'redirected') {
      socket.end(upgradeRefusal(outcome.response));
    }
    return outcome.kind === 'authenticated' ? outcome.auth : null;
  };
