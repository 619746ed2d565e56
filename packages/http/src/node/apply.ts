import type { Auth } from '@pawl/core';
import type { GuardCallOptions, GuardOutcome } from '../guard.ts';
import type { LimitOutcome } from '../rate-limit/limit-runner.ts';
import type { HttpResponse, Refusal } from '../response.ts';
import { assertAllowed, RefusedError } from './refused-error.ts';
import { type NodeResponse, rawResponse, setNodeHeaders } from './response.ts';
import { guardResponseHead } from './response-head.ts';

/**
 * Returns what a guard found, or null for an anonymous caller. Its cookies leave with the response
 * that the application is about to send. The caller sends the response of `redirected` itself.
 *
 * @throws RefusedError if the guard refused the request
 */
export const applyGuard = <Claims, Data>(
  outcome: Exclude<GuardOutcome<Claims, Data>, { kind: 'redirected' }>,
  response: NodeResponse,
): Auth<Claims, Data> | null => {
  if (outcome.kind === 'refused') throw new RefusedError(outcome.response);
  const raw = outcome.pending && rawResponse(response);
  if (raw && !raw.headersSent) guardResponseHead(raw, [], outcome.pending);
  return outcome.kind === 'authenticated' ? outcome.auth : null;
};

/** Returns what a guard has to know of a response. */
export const guardCall = (response: NodeResponse): GuardCallOptions =>
  rawResponse(response)?.headersSent ? { canSetCookies: false } : {};

/**
 * Creates or replaces a session, and sets its cookies on the response that the application is about
 * to send. If the response has begun already, nothing is done: nobody could use the session.
 *
 * @throws RefusedError for a refusal; Error for a response that has begun, a mistake of the
 *   application, so a 500
 */
export const deliverTo = async <Source extends HttpResponse>(
  response: NodeResponse,
  work: () => Promise<Source | Refusal>,
): Promise<Source> => {
  if (rawResponse(response)?.headersSent) {
    throw new Error('pawl: the response has begun already, so its cookies could not be set');
  }
  return applyToResponse(response, await work());
};

/**
 * Returns the headers of a limit, for the response that the application is about to send.
 *
 * @throws RefusedError if there were too many requests
 */
export const applyLimit = (outcome: LimitOutcome): Readonly<Record<string, string>> => {
  if (outcome.kind === 'refused') throw new RefusedError(outcome.response);
  return outcome.headers;
};

/**
 * Sets the headers and cookies of a response of Pawl on the one that the application is about to
 * send, and returns it.
 *
 * @throws RefusedError for a refusal
 */
export const applyToResponse = <Source extends HttpResponse>(
  response: NodeResponse,
  source: Source | Refusal,
): Source => {
  const allowed = assertAllowed(source);
  setNodeHeaders(response, allowed);
  return allowed;
};
