import type { Auth } from '@pawl/core';
import type { GuardOutcome } from '../guard.ts';
import type { LimitOutcome } from '../rate-limit/limit-runner.ts';
import { type HttpResponse, noStore, type Refusal } from '../response.ts';
import { assertAllowed, RefusedError } from './refused-error.ts';
import { type NodeResponse, setNodeHeaders } from './response.ts';

/**
 * Whom a guard let through, null for an anonymous caller. A cookie that is no
 * good any more is cleared on the response that the application is about to make.
 *
 * @throws RefusedError
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

/** What a limit says on the answer that the application is about to make. @throws RefusedError */
export const applyLimit = (outcome: LimitOutcome): Readonly<Record<string, string>> => {
  if (outcome.kind === 'refused') throw new RefusedError(outcome.response);
  return outcome.headers;
};

/**
 * Puts the headers and cookies of an answer on the response that the application is about to
 * make, and hands the answer back. @throws RefusedError for one that says no
 */
export const applyToResponse = <Answer extends HttpResponse>(
  response: NodeResponse,
  answer: Answer | Refusal,
): Answer => {
  const accepted = assertAllowed(answer);
  setNodeHeaders(response, accepted);
  return accepted;
};
