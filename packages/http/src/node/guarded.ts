import type { Auth } from '@pawl/core';
import type { GuardOutcome } from '../guard.ts';
import type { RateLimitOutcome } from '../rate-limit/limited.ts';
import { noStore } from '../response.ts';
import { RefusedError } from './refused-error.ts';
import { type NodeResponse, setNodeHeaders } from './response.ts';

/**
 * Whom a guard let through, null for an anonymous caller. A cookie that is no
 * good any more is cleared on the response that the application is about to make.
 *
 * @throws RefusedError
 */
export const guarded = <Claims, Data>(
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
export const withinLimit = (outcome: RateLimitOutcome): Readonly<Record<string, string>> => {
  if (outcome.kind === 'refused') throw new RefusedError(outcome.response);
  return outcome.headers;
};
