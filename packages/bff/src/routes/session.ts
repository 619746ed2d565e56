import type { HttpRequest, HttpResponse } from '@pawl/http';
import {
  assertOrigin,
  authView,
  clearSessionCookies,
  jsonResponse,
  readCookie,
  respondToErrors,
} from '@pawl/http/extension';
import type { BffGuard } from '../guard.ts';
import type { BffSettings } from '../settings.ts';

/**
 * `GET /session`: returns 200, authenticated or not. A cookie whose session has ended is cleared.
 * Returns 503 if the store is unavailable, and then the cookie stays.
 */
export const handleSession = <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  optional: BffGuard<Claims, Data>,
  request: HttpRequest,
): Promise<HttpResponse> =>
  respondToErrors(settings.http, async () => {
    const { http } = settings;
    assertOrigin(http, request);
    const outcome = await optional(request);
    if (outcome.kind === 'authenticated') {
      const { upstream } = outcome.auth.session?.data ?? {};
      const expiresAt = upstream?.expiresAt ?? null;
      return jsonResponse(200, {
        ...authView(outcome.auth),
        upstream_expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
      });
    }
    if (outcome.kind === 'refused' && outcome.response.status >= 500) return outcome.response;
    const { policy } = http.cookies ?? {};
    const isStale = policy && readCookie(http, request, policy.credential) !== undefined;
    return jsonResponse(200, { authenticated: false }, isStale ? clearSessionCookies(policy) : []);
  });
