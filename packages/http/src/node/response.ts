import { type HttpResponse, noStore } from '../response.ts';

type HeaderValue = number | string | readonly string[];

/** What Pawl writes of `ServerResponse` (`node:http`, `node:http2`). */
export interface NodeResponse {
  statusCode: number;
  getHeader(name: string): HeaderValue | undefined;
  setHeader(name: string, value: string | readonly string[]): unknown;
  end(body?: string): unknown;
}

/**
 * Sets headers and cookies on the response that the application is about to send. A cookie
 * replaces an earlier one of the same name (RFC 6265bis § 4.1.1).
 */
export const setNodeHeaders = (
  response: NodeResponse,
  { headers, cookies }: Pick<HttpResponse, 'headers' | 'cookies'>,
): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (cookies.length === 0) return;
  response.setHeader('set-cookie', withCookies(response.getHeader('set-cookie'), cookies));
};

/**
 * Adds cookies to the `Set-Cookie` values of a response. Each replaces an earlier one of its name.
 *
 * @param present the `Set-Cookie` header of the response so far
 */
export const withCookies = (
  present: HeaderValue | undefined,
  cookies: readonly string[],
): string[] => {
  const replaced = new Set(cookies.map(nameOf));
  const kept = present === undefined ? [] : [present].flat().map(String);
  return [...kept.filter((cookie) => !replaced.has(nameOf(cookie))), ...cookies];
};

/**
 * The headers that clear stale cookies on a response that is already finished: for frameworks
 * that run code after the handler. A cookie that the response sets itself is not cleared.
 *
 * @param present the `Set-Cookie` values of the response
 */
export const clearingHeaders = (
  present: readonly string[],
  clear: readonly string[],
): readonly (readonly [name: string, value: string])[] => {
  const set = new Set(present.map(nameOf));
  const cleared = clear.filter((cookie) => !set.has(nameOf(cookie)));
  if (cleared.length === 0) return [];
  return [...Object.entries(noStore), ...cleared.map((cookie) => ['set-cookie', cookie] as const)];
};

const nameOf = (cookie: string): string => cookie.split('=', 1)[0] ?? '';

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
