import type { HttpRequest, HttpResponse, Refusal } from '@pawl/http';
import {
  assertOrigin,
  authView,
  jsonResponse,
  respondToErrors,
  withPendingCookies,
} from '@pawl/http/extension';
import type { BffGuard } from '../guard.ts';
import type { BffSettings } from '../settings.ts';

/**
 * `GET /session`: returns 200, authenticated or not. A cookie whose session has ended is cleared.
 * Returns 409 if the browser has a newer cookie by now, and 503 if the store is unavailable; the
 * cookie stays then.
 */
export const handleSession = <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  optional: BffGuard<Claims, Data>,
  request: HttpRequest,
): Promise<HttpResponse> =>
  respondToErrors(settings.http, async () => {
    assertOrigin(settings.http, request);
    const outcome = await optional(request);
    switch (outcome.kind) {
      case 'authenticated': {
        const { upstream } = outcome.auth.session?.data ?? {};
        const expiresAt = upstream?.expiresAt ?? null;
        const body = {
          ...authView(outcome.auth),
          upstream_expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
        };
        return withPendingCookies(jsonResponse(200, body), outcome.pending);
      }
      case 'anonymous':
        return withPendingCookies(jsonResponse(200, anonymous), outcome.pending);
      case 'redirected':
        return outcome.response;
      case 'refused':
        return isAnonymous(outcome.response) ? jsonResponse(200, anonymous) : outcome.response;
    }
  });

const anonymous = { authenticated: false } as const;

/** Whether a refusal means that nobody is logged in: neither a failure nor a request to come back. */
const isAnonymous = ({ status }: Refusal): boolean => status < 500 && status !== 409;
