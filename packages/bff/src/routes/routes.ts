import type { HttpRequest, HttpResponse, HttpRoute } from '@pawl/http';
import { respondToErrors, sessionManagementRoutes } from '@pawl/http/extension';
import type { BffGuard } from '../guard.ts';
import { callback } from '../login/callback.ts';
import { login } from '../login/login.ts';
import { backchannelRoute } from '../logout/backchannel.ts';
import { logoutRoute } from '../logout/logout.ts';
import type { BffSettings } from '../settings.ts';
import type { TokenSetReader } from '../upstream/token-set-reader.ts';
import type { UpstreamTokenSource } from '../upstream/upstream-token.ts';
import { operations, wanting } from './operations.ts';
import { refreshRoute } from './refresh.ts';
import { sessionRoute } from './session.ts';

interface Guards<Claims, Data> {
  readonly guard: BffGuard<Claims, Data>;
  readonly optional: BffGuard<Claims, Data>;
}

/** All routes of a BFF but its proxy. */
export const bffRoutes = <Claims, Data>(
  settings: BffSettings<Claims, Data>,
  { guard, optional }: Guards<Claims, Data>,
  upstream: UpstreamTokenSource & { readonly reader: TokenSetReader },
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
  const all = [
    route('GET', 'login', (request) => respondToErrors(http, () => login(settings, request))),
    route('GET', 'callback', (request) => respondToErrors(http, () => callback(settings, request))),
    route('GET', 'session', (request) => sessionRoute(settings, optional, request)),
    route('POST', 'refresh', (request) => refreshRoute(settings, guard, upstream, request)),
    route('POST', 'logout', (request) => logoutRoute(settings, upstream.reader, request)),
    route('POST', 'backchannel_logout', (request) => backchannelRoute(settings, request)),
    ...sessionManagementRoutes(http, sessions, `${http.authPath}/sessions`),
  ];
  return all.map((one) => wanting(settings.requiredHeader, one));
};
