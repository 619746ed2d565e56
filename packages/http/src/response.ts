import type { AnyPawlError } from '@pawl/core';
import type { HttpError } from './http-error.ts';

/** The parts of a response, for a binding to write down in its framework's way. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Complete `Set-Cookie` values, at most one per cookie name. */
  readonly cookies: readonly string[];
  /** To be sent as JSON; absent where there is no body. */
  readonly body?: unknown;
  /** Present on refusals only. */
  readonly error?: AnyPawlError | HttpError | undefined;
}

/** A response that says no. A binding hands it to its framework's own error handler. */
export interface Refusal extends HttpResponse {
  readonly error: AnyPawlError | HttpError;
}

/** What every answer has that carries a token, sets a cookie or tells of a user (RFC 6749 § 5.1). */
export const noStore: Readonly<Record<string, string>> = Object.freeze({
  'cache-control': 'no-store',
  pragma: 'no-cache',
});

/** An answer with a JSON body, not to be stored. */
export const jsonResponse = (
  status: number,
  body: unknown,
  cookies: readonly string[] = [],
): HttpResponse => ({ status, headers: noStore, cookies, body });

/** 204. */
export const emptyResponse = (cookies: readonly string[] = []): HttpResponse => ({
  status: 204,
  headers: noStore,
  cookies,
});
