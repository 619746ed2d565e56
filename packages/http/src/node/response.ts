import { cookieKey, type SetCookieHeader, withCookies } from '../cookies/pending-cookies.ts';
import type { HttpResponse } from '../response.ts';
import { guardResponseHead, type NodeResponseHead } from './response-head.ts';

/** What Pawl writes of `ServerResponse` (`node:http`, `node:http2`). */
export interface NodeResponse {
  statusCode: number;
  getHeader(name: string): SetCookieHeader | undefined;
  setHeader(name: string, value: string | readonly string[]): unknown;
  end(body?: string): unknown;
  /** The `ServerResponse` behind it, if this is a framework's view of one. Default: itself. */
  readonly raw?: NodeResponseHead | undefined;
}

/** Returns the `ServerResponse` behind a response; undefined if it has none. */
export const rawResponse = (response: NodeResponse): NodeResponseHead | undefined => {
  if (response.raw) return response.raw;
  return 'writeHead' in response ? (response as unknown as NodeResponseHead) : undefined;
};

/**
 * Sets headers and cookies on the response that the application is about to send. A cookie
 * replaces an earlier one of the same name and path (RFC 6265bis § 4.1.1). A response with cookies
 * is not stored by caches, whatever is set on it afterwards.
 */
export const setNodeHeaders = (
  response: NodeResponse,
  { headers, cookies }: Pick<HttpResponse, 'headers' | 'cookies'>,
): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (cookies.length === 0) return;
  response.setHeader('set-cookie', withCookies(response.getHeader('set-cookie'), cookies));
  const raw = rawResponse(response);
  if (raw) guardResponseHead(raw, cookies.map(cookieKey));
};

const encoder = new TextEncoder();

/** Sends a response: status, headers, cookies and body. */
export const sendNode = (response: NodeResponse, source: HttpResponse): void => {
  response.statusCode = source.status;
  setNodeHeaders(response, source);
  if (source.body === undefined) {
    response.end();
    return;
  }
  const text = JSON.stringify(source.body);
  response.setHeader('content-type', 'application/json');
  response.setHeader('content-length', String(encoder.encode(text).length));
  response.end(text);
};
