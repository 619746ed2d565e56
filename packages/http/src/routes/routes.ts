import type { HttpContext } from '../context.ts';
import { introspectionRoute } from '../oauth/introspection.ts';
import { revocationRoute } from '../oauth/revocation.ts';
import {
  jwksOperation,
  logoutOperation,
  noRefreshOperation,
  refreshOperation,
  sessionOperation,
} from '../openapi/session-operations.ts';
import { jwksRoute } from './jwks.ts';
import { logoutRoute } from './logout.ts';
import { noRefreshRoute, refreshRoute } from './refresh.ts';
import type { HttpRoute } from './route.ts';
import { sessionRoute } from './session.ts';
import { sessionsRoutes } from './sessions.ts';

/** All routes of a session, or what is left of them without one. Login is the application's own. */
export const sessionRoutes = (context: HttpContext<unknown, unknown>): readonly HttpRoute[] => {
  const { authPath, issuer } = context;
  const { sessions } = issuer;
  return [
    {
      name: 'refresh',
      method: 'POST',
      path: `${authPath}/refresh`,
      operation: sessions ? refreshOperation : noRefreshOperation,
      handle: (request) =>
        sessions ? refreshRoute(context, sessions, request) : noRefreshRoute(context),
    },
    {
      name: 'logout',
      method: 'POST',
      path: `${authPath}/logout`,
      operation: logoutOperation(sessions !== null),
      handle: (request) => logoutRoute(context, request),
    },
    {
      name: 'session',
      method: 'GET',
      path: `${authPath}/session`,
      operation: sessionOperation,
      handle: sessionRoute(context),
    },
    ...(sessions ? sessionsRoutes(context, sessions, `${authPath}/sessions`) : []),
    {
      name: 'jwks',
      method: 'GET',
      path: '/.well-known/jwks.json',
      operation: jwksOperation,
      handle: () => jwksRoute(context),
    },
    ...(context.oauth?.revocation ? [revocationRoute(context, context.oauth)] : []),
    ...(context.oauth?.introspection ? [introspectionRoute(context, context.oauth)] : []),
  ];
};
