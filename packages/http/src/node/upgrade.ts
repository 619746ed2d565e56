import type { HttpResponse } from '../response.ts';

/**
 * A response as HTTP/1.1 puts it on the wire, for the socket of a refused upgrade:
 * there is no `ServerResponse` then. `socket.end(upgradeRefusal(outcome.response))`.
 */
export const upgradeRefusal = ({ status, headers, cookies, body }: HttpResponse): string => {
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = [
    // No reason phrase: it means nothing (RFC 9112 § 4).
    `HTTP/1.1 ${status} `,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...cookies.map((cookie) => `set-cookie: ${cookie}`),
    ...(text ? ['content-type: application/json'] : []),
    `content-length: ${new TextEncoder().encode(text).length}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${text}`;
};
