import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
} from 'node:http';

/** A response as it arrived over the socket. */
export interface HttpResponse {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Complete `Set-Cookie` values. */
  readonly cookies: readonly string[];
  readonly text: string;
}

/** Headers by name, or a list of alternating names and values, which may hold duplicates. */
export type SentHeaders = OutgoingHttpHeaders | readonly string[];

/** The headers of a request whose body is JSON. */
export const jsonHeaders = { 'content-type': 'application/json' } as const;

/** Sends one request exactly as given, and reads the response. */
export const exchange = (
  url: string,
  method: string,
  path: string,
  headers: SentHeaders = {},
  body?: string | Uint8Array,
): Promise<HttpResponse> =>
  new Promise((resolve, reject) => {
    const { hostname: host, port } = new URL(url);
    const setHost = !Array.isArray(headers);
    const sent = request({ host, port, method, path, headers, setHost, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      read(response, method, path).then(resolve, reject);
    });
    // The upgrade was accepted. The suite does not check what is sent over the socket.
    sent.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(toHttpResponse(response, method, path, ''));
    });
    sent.end(body);
  });

const read = (response: IncomingMessage, method: string, path: string): Promise<HttpResponse> =>
  new Promise((resolve, reject) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => resolve(toHttpResponse(response, method, path, text)));
    response.on('error', reject);
  });

const toHttpResponse = (
  { statusCode = 0, headers }: IncomingMessage,
  method: string,
  path: string,
  text: string,
): HttpResponse => ({
  method,
  path,
  status: statusCode,
  headers,
  cookies: headers['set-cookie'] ?? [],
  text,
});
