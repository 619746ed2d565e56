import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
} from 'node:http';

/** What came back over the socket. */
export interface Answer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Complete `Set-Cookie` values. */
  readonly cookies: readonly string[];
  readonly text: string;
}

/** Headers by name, or names and values in turn to send duplicates. */
export type SentHeaders = OutgoingHttpHeaders | readonly string[];

/** The headers of a request whose body is JSON. */
export const jsonHeaders = { 'content-type': 'application/json' } as const;

/** Sends one request, exactly as it is written, and reads the answer. */
export const exchange = (
  url: string,
  method: string,
  path: string,
  headers: SentHeaders = {},
  body?: string | Uint8Array,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url);
    const setHost = !Array.isArray(headers);
    const sent = request({ host, port, method, path, headers, setHost, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      read(response, method, path).then(resolve, reject);
    });
    // Accepted: what is said on the socket is not the suite's concern, that it opened is.
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(answered(response, method, path, ''));
    });
    sent.end(body);
  });

const read = (response: IncomingMessage, method: string, path: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => resolve(answered(response, method, path, text)));
    response.on('error', reject);
  });

const answered = (
  { statusCode = 0, headers }: IncomingMessage,
  method: string,
  path: string,
  text: string,
): Answer => ({
  method,
  path,
  status: statusCode,
  headers,
  cookies: headers['set-cookie'] ?? [],
  text,
});
