import { introspectionRoute } from '../oauth/introspection.ts';
import { revocationRoute } from '../oauth/revocation.ts';
import {
  jwksOperation,
  logoutOperation,
  noRefreshOperation,
  refreshOperation,
  sessionOperation,
} from '../openapi/session-operations.ts';
import type { AnyHttpSettings } from '../settings.ts';
import { currentSessionRoute } from './current-session.ts';
import { jwksRoute } from './jwks.ts';
import { logoutRoute } from './logout.ts';
import { noRefreshRoute, refreshRoute } from './refresh.ts';
import type { HttpRoute } from './route.ts';
import { sessionManagementRoutes } from './session-management.ts';

/**
 * Creates the session routes, or those that work without sessions. Login is the application's own
 * route.
 */
export const createRoutes = (settings: AnyHttpSettings): readonly HttpRoute[] => {
  const { authPath, issuer } = settings;
  const { sessions } = issuer;
  return [
    {
      name: 'refresh',
      method: 'POST',
      path: `${authPath}/refresh`,
      operation: sessions ? refreshOperation : noRefreshOperation,
      handle: (request) =>
        sessions ? refreshRoute(settings, sessions, request) : noRefreshRoute(settings),
    },
    {
      name: 'logout',
      method: 'POST',
      path: `${authPath}/logout`,
      operation: logoutOperation(sessions !== null),
      handle: (request) => logoutRoute(settings, request),
    },
    {
      name: 'session',
      method: 'GET',
      path: `${authPath}/session`,
      operation: sessionOperation,
      handle: currentSessionRoute(settings),
    },
    ...(sessions ? sessionManagementRoutes(settings, sessions, `${authPath}/sessions`) : []),
    ...jwksRoutes(settings),
    ...(settings.oauth?.revocation ? [revocationRoute(settings, settings.oauth)] : []),
    ...(settings.oauth?.introspection ? [introspectionRoute(settings, settings.oauth)] : []),
  ];
};

const jwksRoutes = (settings: AnyHttpSettings): readonly HttpRoute[] =>
  settings.jwksPath === null
    ? []
    : [
        {
          name: 'jwks',
          method: 'GET',
          path: settings.jwksPath,
          operation: jwksOperation,
          handle: () => jwksRoute(settings),
        },
      ];
