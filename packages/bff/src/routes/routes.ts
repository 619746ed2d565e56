import type { HttpRequest, HttpResponse, HttpRoute } from '@pawl/http';
import { respondToErrors, sessionManagementRoutes } from '@pawl/http/extension';
import type { BffGuard } from '../guard.ts';
import { handleCallback } from '../login/callback.ts';
import { handleLogin } from '../login/login.ts';
import { handleBackchannelLogout } from '../logout/backchannel.ts';
import { handleLogout } from '../logout/logout.ts';
import type { BffSettings } from '../settings.ts';
import type { InternalTokenSource } from '../upstream/token-source.ts';
import { operations, withRequiredHeader } from './operations.ts';
import { handleRefresh } from './refresh.ts';
import { handleSession } from './session.ts';

interface Guards<Claims, Data> {
  readonly guard: BffGuard<Claims, Data>;
  readonly optional: BffGuard<Claims, Data>;
}

/** Returns the routes of a BFF, without its proxy. */
export const bffRoutes = <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  { guard, optional }: Guards<Claims, Data>,
  upstream: InternalTokenSource,
): readonly HttpRoute[] => {
  const { http, sessions } = settings;
  const route = (
    method: 'GET' | 'POST',
    name: string,
    handle: (request: HttpRequest) => Promise<HttpResponse>,
  ): HttpRoute => ({
    name,
    method,
    path: `${http.authPath}/${name.replaceAll('_', '-')}`,
    ...(operations[name] && { operation: operations[name] }),
    handle,
  });
  const routes = [
    route('GET', 'login', (request) => respondToErrors(http, () => handleLogin(settings, request))),
    route('GET', 'callback', (request) =>
      respondToErrors(http, () => handleCallback(settings, request)),
    ),
    route('GET', 'session', (request) => handleSession(settings, optional, request)),
    route('POST', 'refresh', (request) => handleRefresh(settings, guard, upstream, request)),
    route('POST', 'logout', (request) => handleLogout(settings, upstream.reader, request)),
    // A provider without keys signs no logout tokens.
    ...(settings.provider.user
      ? []
      : [
          route('POST', 'backchannel_logout', (request) =>
            handleBackchannelLogout(settings, request),
          ),
        ]),
    ...sessionManagementRoutes(http, sessions, `${http.authPath}/sessions`),
  ];
  return routes.map((one) => withRequiredHeader(settings.requiredHeader, one));
};
