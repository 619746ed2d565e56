import type { AnyPawlError } from '@pawl/core';
import { isUnauthenticated } from './errors.ts';
import type { HttpError } from './http-error.ts';
import type { HttpRequest } from './request.ts';
import { type HttpResponse, noStore } from './response.ts';

/** What a callback of a guard receives. */
export interface GuardProblem {
  readonly request: HttpRequest;
  /** What the guard would refuse the request with. */
  readonly error: AnyPawlError | HttpError;
}

/** A response in place of the guard's own, such as a redirect to a login page. `body` is sent as JSON. */
export interface GuardReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: unknown;
}

/**
 * Returns a response that is sent in place of what the guard would do, or nothing. What it throws
 * goes to the framework's error handler.
 */
export type GuardCallback = (
  problem: GuardProblem,
) => GuardReply | undefined | void | Promise<GuardReply | undefined | void>;

/** Callbacks of a guard, by what is wrong with the credential. An optional guard calls them too. */
export interface GuardCallbacks {
  /** Called for a request without a credential. */
  readonly onNone?: GuardCallback | undefined;
  /** Called for a credential that was valid and has expired. */
  readonly onExpired?: GuardCallback | undefined;
  /** Called for a credential that is malformed, forged, revoked, or of a session that has ended. */
  readonly onInvalid?: GuardCallback | undefined;
}

/** Returns the callback for an error; none for what is no matter of the credential. */
const callbackFor = (
  { onNone, onExpired, onInvalid }: GuardCallbacks,
  error: unknown,
): GuardCallback | undefined => {
  if (!(onNone || onExpired || onInvalid) || !isUnauthenticated(error)) return undefined;
  switch ((error as AnyPawlError | HttpError).code) {
    case 'ERR_CREDENTIAL_MISSING':
      return onNone;
    case 'ERR_TOKEN_EXPIRED':
    case 'ERR_SESSION_EXPIRED':
      return onExpired;
    case 'ERR_DPOP_NONCE':
      // The client comes back with the nonce of the response.
      return undefined;
    default:
      return onInvalid;
  }
};

/** Calls the callback for an error. Returns its response, with the cookies to clear; else null. */
export const replyOf = async (
  callbacks: GuardCallbacks,
  request: HttpRequest,
  error: unknown,
  cookies: readonly string[],
): Promise<HttpResponse | null> => {
  const problem = { request, error: error as AnyPawlError | HttpError };
  const reply = await callbackFor(callbacks, error)?.(problem);
  if (!reply) return null;
  const { status, headers, body } = reply;
  return { status, headers: { ...headers, ...noStore }, cookies, body };
};
