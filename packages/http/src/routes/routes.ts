import type { HttpContext } from '../context.ts';
import type { HttpRequest } from '../request.ts';
import type { HttpResponse } from '../response.ts';
import { jwksRoute } from './jwks.ts';
import { logoutRoute } from './logout.ts';
import { refreshRoute } from './refresh.ts';
import { listRoute, revokeAllRoute, revokeOneRoute, sessionRoute } from './sessions.ts';

/** A route for a binding to mount. */
export interface HttpRoute {
  /** What its limit goes by, wherever it stands. Lower case and `_`. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Complete, with `:id` for a parameter. */
  readonly path: string;
  /** @param parameters as the framework has decoded them from the path */
  readonly handle: (
    request: HttpRequest,
    parameters: Readonly<Record<string, string>>,
  ) => Promise<HttpResponse>;
}

/** All routes of a session. Login is the application's own. */
export const sessionRoutes = (context: HttpContext<unknown, unknown>): readonly HttpRoute[] => {
  const { authPath } = context;
  return [
    {
      name: 'refresh',
      method: 'POST',
      path: `${authPath}/refresh`,
      handle: (request) => refreshRoute(context, request),
    },
    {
      name: 'logout',
      method: 'POST',
      path: `${authPath}/logout`,
      handle: (request) => logoutRoute(context, request),
    },
    {
      name: 'session',
      method: 'GET',
      path: `${authPath}/session`,
      handle: (request) => sessionRoute(context, request),
    },
    {
      name: 'sessions',
      method: 'GET',
      path: `${authPath}/sessions`,
      handle: (request) => listRoute(context, request),
    },
    {
      name: 'revoke_sessions',
      method: 'DELETE',
      path: `${authPath}/sessions`,
      handle: (request) => revokeAllRoute(context, request),
    },
    {
      name: 'revoke_session',
      method: 'DELETE',
      path: `${authPath}/sessions/:id`,
      handle: (request, parameters) => revokeOneRoute(context, request, parameters),
    },
    {
      name: 'jwks',
      method: 'GET',
      path: '/.well-known/jwks.json',
      handle: () => jwksRoute(context),
    },
  ];
};
