import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Duplex } from 'node:stream';
import type { HttpResponse } from '@pawl/http';
import type { ProxyOptions } from '../options.ts';
import type { Route } from '../route-table.ts';

/** What of a handshake goes up (RFC 6455 § 4.1). */
const handshake = [
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
] as const;
const keyForm = /^[\w+/]{22}==$/;

/** Whether a request is a handshake as RFC 6455 § 4.2.1 wants it, and nothing else. */
export const isHandshake = ({ method, headers, httpVersion }: IncomingMessage): boolean =>
  method === 'GET' &&
  httpVersion === '1.1' &&
  headers.upgrade?.toLowerCase() === 'websocket' &&
  headers['sec-websocket-version'] === '13' &&
  keyForm.test(headers['sec-websocket-key'] ?? '') &&
  headers['transfer-encoding'] === undefined &&
  Number(headers['content-length'] ?? 0) === 0;

/** An API that has agreed. */
export interface UpstreamSocket {
  readonly socket: Duplex;
  /** What came with its agreement. */
  readonly head: Buffer;
  readonly answer: IncomingMessage;
}

/** An API that has answered something else. */
export interface UpstreamNo {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
}

/** Asks the API for a WebSocket. @throws what went wrong on the way there */
export const connectUpstream = (
  { origin }: Route,
  path: string,
  headers: readonly string[],
  request: IncomingMessage,
  { tls = {}, connectTimeout = 5_000 }: Pick<ProxyOptions, 'tls' | 'connectTimeout'>,
): Promise<UpstreamSocket | UpstreamNo> =>
  new Promise((resolve, reject) => {
    const url = new URL(origin);
    const sent = [...headers, 'host', url.host, 'connection', 'Upgrade', 'upgrade', 'websocket'];
    for (const name of handshake) {
      const value = request.headers[name];
      if (value !== undefined) sent.push(name, String(value));
    }
    const ask = url.protocol === 'https:' ? requestHttps : requestHttp;
    const asked = ask({
      ...tls,
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path,
      method: 'GET',
      agent: false,
      headers: sent,
      timeout: connectTimeout,
    });
    asked.on('timeout', () => asked.destroy(Object.assign(new Error('timeout'), timedOut)));
    asked.on('error', reject);
    asked.on('upgrade', (answer, socket, head) => resolve({ socket, head, answer }));
    asked.on('response', (answer) => {
      // Nobody reads what it says: its connection was for this alone.
      asked.destroy();
      resolve({ status: answer.statusCode ?? 502, headers: answer.headers });
    });
    asked.end();
  });

const timedOut = { code: 'ETIMEDOUT' };

/** Answers a handshake with a refusal, and closes. */
export const refuse = (client: Duplex, { status, headers, cookies, body }: HttpResponse): void => {
  const text = body === undefined ? '' : JSON.stringify(body);
  const lines = [
    `HTTP/1.1 ${status} ${reasons[status] ?? 'Refused'}`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(text)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...cookies.map((cookie) => `set-cookie: ${cookie}`),
  ];
  client.on('error', () => client.destroy());
  client.end(`${lines.join('\r\n')}\r\n\r\n${text}`);
};

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};
