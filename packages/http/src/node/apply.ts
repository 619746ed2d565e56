import type { Auth } from '@pawl/core';
import type { GuardOutcome } from '../guard.ts';
import type { LimitOutcome } from '../rate-limit/limit-runner.ts';
import { type HttpResponse, noStore, type Refusal } from '../response.ts';
import { assertAllowed, RefusedError } from './refused-error.ts';
import { type NodeResponse, setNodeHeaders } from './response.ts';

/**
 * Returns what a guard found, or null for an anonymous caller. Stale cookies are cleared on the
 * response that the application is about to send.
 *
 * @throws RefusedError if the guard refused the request
 */
export const applyGuard = <Claims, Data>(
  outcome: GuardOutcome<Claims, Data>,
  response: NodeResponse,
): Auth<Claims, Data> | null => {
  switch (outcome.kind) {
    case 'authenticated':
      return outcome.auth;
    case 'refused':
      throw new RefusedError(outcome.response);
    case 'anonymous':
      if (outcome.clear.length > 0) {
        setNodeHeaders(response, { headers: noStore, cookies: outcome.clear });
      }
      return null;
  }
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
