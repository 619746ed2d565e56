import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import type { HttpResponse } from '@pawl/http';
import type { ProxyOptions } from '../options.ts';
import type { Route } from '../route-table.ts';

/** The headers of the handshake that are sent on to the API (RFC 6455 § 4.1). */
const handshakeHeaders = [
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
] as const;
const keyForm = /^[\w+/]{22}==$/;

/** Whether a request is a valid handshake (RFC 6455 § 4.2.1). */
export const isHandshake = ({ method, headers, httpVersion }: IncomingMessage): boolean =>
  method === 'GET' &&
  httpVersion === '1.1' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  headers['sec-websocket-version'] === '13' &&
  keyForm.test(headers['sec-websocket-key'] ?? '') &&
  headers['transfer-encoding'] === undefined &&
  Number(headers['content-length'] ?? 0) === 0;

/** The socket to an API that accepted the handshake. */
export interface UpstreamSocket {
  readonly socket: Duplex;
  /** Data that came with the handshake response. */
  readonly head: Buffer;
  readonly response: IncomingMessage;
}

/** The response of an API that refused the handshake. */
export interface HandshakeRefusal {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
}

/** Sends the handshake to the API. @throws the error of the connection */
export const connectUpstream = (
  { origin }: Route,
  path: string,
  headers: readonly string[],
  request: IncomingMessage,
  { tls = {}, connectTimeout = 5_000 }: Pick<ProxyOptions, 'tls' | 'connectTimeout'>,
): Promise<UpstreamSocket | HandshakeRefusal> =>
  new Promise((resolve, reject) => {
    const url = new URL(origin);
    const allHeaders = [
      ...headers,
      'host',
      url.host,
      'connection',
      'Upgrade',
      'upgrade',
      'websocket',
    ];
    for (const name of handshakeHeaders) {
      const value = request.headers[name];
      if (value !== undefined) allHeaders.push(name, String(value));
    }
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const upgrade = send({
      ...tls,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path,
      method: 'GET',
      agent: false,
      headers: allHeaders,
      timeout: connectTimeout,
    });
    upgrade.on('timeout', () => upgrade.destroy(Object.assign(new Error('timeout'), timedOut)));
    upgrade.on('error', reject);
    upgrade.on('upgrade', (response, socket, head) => resolve({ socket, head, response }));
    upgrade.on('response', (response) => {
      // The body is dropped, and the connection with it.
      upgrade.destroy();
      resolve({ status: response.statusCode ?? 502, headers: response.headers });
    });
    upgrade.end();
  });

const timedOut = { code: 'ETIMEDOUT' };

/** Responds to a handshake with a refusal, and closes the socket. */
export const rejectHandshake = (
  client: Duplex,
  { status, headers, cookies, body }: HttpResponse,
): void => {
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${statusTexts[status] ?? 'Refused'}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...cookies.map((cookie) => `set-cookie: ${cookie}`),
  ];
  client.on('error', () => client.destroy());
  client.end(`${lines.join('\r\n')}\r\n\r\n${text}`);
};

const statusTexts: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  429: 'Too Many Requests',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};
