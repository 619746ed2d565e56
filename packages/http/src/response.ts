import type { AnyPawlError } from '@pawl/core';
import type { HttpError } from './http-error.ts';

/** The parts of a response, for a binding to write in its framework's way. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Complete `Set-Cookie` values, at most one per cookie name. */
  readonly cookies: readonly string[];
  /** To be sent as JSON; undefined if there is no body. */
  readonly body?: unknown;
  /** On refusals only. */
  readonly error?: AnyPawlError | HttpError | undefined;
}

/** A response that refuses the request. A binding passes it to its framework's error handler. */
export interface Refusal extends HttpResponse {
  readonly error: AnyPawlError | HttpError;
}

/**
 * The headers of every response that carries a token, sets a cookie or describes a user (RFC 6749 §
 * 5.1).
 */
export const noStore: Readonly<Record<string, string>> = Object.freeze({
  'cache-control': 'no-store',
  pragma: 'no-cache',
});

/** Creates a response with a JSON body and `Cache-Control: no-store`. */
export const jsonResponse = (
  status: number,
  body: unknown,
  cookies: readonly string[] = [],
): HttpResponse => ({ status, headers: noStore, cookies, body });

/** Creates a response with status 204 and no body. */
export const emptyResponse = (cookies: readonly string[] = []): HttpResponse => ({
  status: 204,
  headers: noStore,
  cookies,
});
