import type { SessionPosition, Sessions } from '@pawl/core';
import { withPendingCookies } from '../cookies/pending-cookies.ts';
import { readPresentTokens } from '../cookies/present-tokens.ts';
import { readCredential } from '../credential.ts';
import { createGuard } from '../guard.ts';
import { HttpError } from '../http-error.ts';
import {
  listOperation,
  revokeAllOperation,
  revokeOneOperation,
} from '../openapi/session-operations.ts';
import type { HttpRequest } from '../request.ts';
import { respondToErrors } from '../respond-to-errors.ts';
import { emptyResponse, type HttpResponse, jsonResponse } from '../response.ts';
import type { AnyHttpSettings } from '../settings.ts';
import { liveSessionOptions } from './current-session.ts';
import type { HttpRoute } from './route.ts';
import { listedSessionView } from './session-view.ts';

type AnySessions = Sessions<unknown, unknown>;

/** The request of a user, and the session that it is authenticated by. */
interface UserRequest {
  readonly userId: string;
  readonly sessionId: string;
  readonly request: HttpRequest;
  readonly parameters: Readonly<Record<string, string>>;
}

type Action = (
  settings: AnyHttpSettings,
  sessions: AnySessions,
  request: UserRequest,
) => Promise<HttpResponse>;

/**
 * Creates the routes with which users list and revoke their own sessions. They require a live
 * session.
 *
 * @param path such as `/auth/sessions`
 */
export const sessionManagementRoutes = (
  settings: AnyHttpSettings,
  sessions: AnySessions,
  path: string,
): readonly HttpRoute[] => {
  const guard = createGuard(settings, liveSessionOptions(settings));
  const handle =
    (action: Action): HttpRoute['handle'] =>
    async (request, parameters) => {
      const outcome = await guard(request);
      if (outcome.kind === 'refused' || outcome.kind === 'redirected') return outcome.response;
      const response = await respondToErrors(settings, async () => {
        // The guard is not optional, so `outcome` is never anonymous here.
        const auth = outcome.kind === 'authenticated' ? outcome.auth : null;
        if (!auth?.sessionId) throw new HttpError('ERR_FORBIDDEN', 'there is no session');
        const { userId, sessionId } = auth;
        return action(settings, sessions, { userId, sessionId, request, parameters });
      });
      return withPendingCookies(response, outcome.pending);
    };
  return [
    { name: 'sessions', method: 'GET', path, operation: listOperation, handle: handle(list) },
    {
      name: 'revoke_sessions',
      method: 'DELETE',
      path,
      operation: revokeAllOperation,
      handle: handle(revokeAll),
    },
    {
      name: 'revoke_session',
      method: 'DELETE',
      path: `${path}/:id`,
      operation: revokeOneOperation,
      handle: handle(revokeOne),
    },
  ];
};

/** How many sessions `GET /sessions` returns at most. */
const pageSize = 100;

/**
 * `GET /sessions`: a page of the user's sessions, newest first. If more may follow, a `Link` header (RFC
 * 8288) has the address of the next page.
 */
const list: Action = async (_, sessions, { userId, sessionId, request }) => {
  const after = readPosition(request.query);
  const options = { currentSessionId: sessionId, limit: pageSize, after };
  const listed = await sessions.list(userId, options);
  const response = jsonResponse(200, listed.map(listedSessionView));
  const last = listed.length === pageSize ? listed.at(-1) : undefined;
  if (!last) return response;
  const link = `<?after=${last.createdAt}.${last.sessionId}>; rel="next"`;
  return { ...response, headers: { ...response.headers, link } };
};

const readPosition = (query: string): SessionPosition | undefined => {
  const after = new URLSearchParams(query).get('after');
  if (after === null) return undefined;
  const [, createdAt, sessionId] = /^(\d{1,15})\.([\w-]{24})$/.exec(after) ?? [];
  if (sessionId !== undefined) return { createdAt: Number(createdAt), sessionId };
  throw new HttpError('ERR_REQUEST_INVALID', 'after must be the value of a Link header');
};

/** `DELETE /sessions/:id`: 204, or 404 for an unknown session and for another user's. */
const revokeOne: Action = async (
  settings,
  sessions,
  { userId, sessionId, request, parameters },
) => {
  const { id = '' } = parameters;
  if ((await sessions.revoke(id, { userId })) === 'missing') {
    throw new HttpError('ERR_NOT_FOUND', 'the session does not exist');
  }
  return emptyResponse(id === sessionId ? clearOwnCookies(settings, request) : []);
};

/** `DELETE /sessions`: revokes all sessions of the user or, with `?except=current`, all others. */
const revokeAll: Action = async (settings, sessions, { userId, sessionId, request }) => {
  if (exceptsCurrent(request.query)) {
    await sessions.revokeOthers(userId, sessionId);
    return emptyResponse();
  }
  await sessions.revokeAll(userId);
  return emptyResponse(clearOwnCookies(settings, request));
};

/** Refuses other queries: a mistyped one must not revoke more than intended. */
const exceptsCurrent = (query: string): boolean => {
  const parameters = [...new URLSearchParams(query)];
  if (parameters.length === 0) return false;
  if (parameters.length === 1 && parameters[0]?.join('=') === 'except=current') return true;
  throw new HttpError('ERR_REQUEST_INVALID', 'the only supported query is except=current');
};

const clearOwnCookies = (settings: AnyHttpSettings, request: HttpRequest): readonly string[] => {
  const credential = readCredential(settings, request);
  const byCookie = credential.kind !== 'none' && credential.source === 'cookie';
  return byCookie ? readPresentTokens(settings, request).clear : [];
};
