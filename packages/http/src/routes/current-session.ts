import type { VerifyOptions } from '@pawl/core';
import { withPendingCookies } from '../cookies/pending-cookies.ts';
import { createGuard, type GuardOptions } from '../guard.ts';
import { jsonResponse, type Refusal } from '../response.ts';
import type { AnyHttpSettings } from '../settings.ts';
import type { HttpRoute } from './route.ts';
import { authView } from './session-view.ts';

/**
 * A check of the session record itself, whatever the application has configured: otherwise a
 * revoked token could still end the user's other sessions.
 */
export const liveCheck = ({ issuer }: AnyHttpSettings): VerifyOptions =>
  issuer.sessions ? { revocationCheck: 'session', maxStaleness: 0 } : {};

/** The options of a guard for routes that manage sessions: a live session, and no API key. */
export const liveSessionOptions = (settings: AnyHttpSettings): GuardOptions<unknown, unknown> => ({
  apiKeys: false,
  ...liveCheck(settings),
});

/** `GET /session`: 200 whether authenticated or not; 503 if the store fails. */
export const currentSessionRoute = (settings: AnyHttpSettings): HttpRoute['handle'] => {
  const guard = createGuard(settings, liveSessionOptions(settings), true);
  return async (request) => {
    const outcome = await guard(request);
    switch (outcome.kind) {
      case 'authenticated':
        return withPendingCookies(jsonResponse(200, authView(outcome.auth)), outcome.pending);
      case 'anonymous':
        return withPendingCookies(jsonResponse(200, { authenticated: false }), outcome.pending);
      case 'redirected':
        return outcome.response;
      case 'refused':
        return isAnonymous(outcome.response)
          ? jsonResponse(200, { authenticated: false })
          : outcome.response;
    }
  };
};

/**
 * A client that only lacks the nonce gets the refusal with it, so that its next request succeeds.
 */
const isAnonymous = ({ status, error }: Refusal): boolean =>
  status < 500 && status !== 409 && error.code !== 'ERR_DPOP_NONCE';
