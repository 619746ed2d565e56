import type { Sessions } from '@pawl/core';
import { clearSessionCookies } from '../cookies/session-cookies.ts';
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

/** Whose session asks, and for what. */
interface Asked {
  readonly userId: string;
  readonly sessionId: string;
  readonly request: HttpRequest;
  readonly parameters: Readonly<Record<string, string>>;
}

type Work = (
  settings: AnyHttpSettings,
  sessions: AnySessions,
  asked: Asked,
) => Promise<HttpResponse>;

/** What a user does with their own sessions. All of it takes a live one. */
export const sessionManagementRoutes = (
  settings: AnyHttpSettings,
  sessions: AnySessions,
  path: string,
): readonly HttpRoute[] => {
  const guard = createGuard(settings, liveSessionOptions(settings));
  const handle =
    (work: Work): HttpRoute['handle'] =>
    async (request, parameters) => {
      const outcome = await guard(request);
      if (outcome.kind === 'refused') return outcome.response;
      return respondToErrors(settings, async () => {
        // A required guard lets nobody else through.
        const auth = outcome.kind === 'authenticated' ? outcome.auth : null;
        if (!auth?.sessionId) throw new HttpError('ERR_FORBIDDEN', 'there is no session');
        const { userId, sessionId } = auth;
        return work(settings, sessions, { userId, sessionId, request, parameters });
      });
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

/** `GET /sessions`: the user's live sessions, newest first. */
const list: Work = async (_, sessions, { userId, sessionId }) =>
  jsonResponse(
    200,
    (await sessions.list(userId, { currentSessionId: sessionId })).map(listedSessionView),
  );

/** `DELETE /sessions/:id`: 204, or 404 for one that is not there or someone else's. */
const revokeOne: Work = async (settings, sessions, { userId, sessionId, request, parameters }) => {
  const { id = '' } = parameters;
  if ((await sessions.revoke(id, { userId })) === 'missing') {
    throw new HttpError('ERR_NOT_FOUND', 'there is no such session');
  }
  return emptyResponse(id === sessionId ? cleared(settings, request) : []);
};

/** `DELETE /sessions`: ends all of them, or, with `?except=current`, all others. */
const revokeAll: Work = async (settings, sessions, { userId, sessionId, request }) => {
  if (exceptsCurrent(request.query)) {
    await sessions.revokeOthers(userId, sessionId);
    return emptyResponse();
  }
  await sessions.revokeAll(userId);
  return emptyResponse(cleared(settings, request));
};

/** A mistyped query must not end more than was meant. */
const exceptsCurrent = (query: string): boolean => {
  const parameters = [...new URLSearchParams(query)];
  if (parameters.length === 0) return false;
  if (parameters.length === 1 && parameters[0]?.join('=') === 'except=current') return true;
  throw new HttpError('ERR_REQUEST_INVALID', 'except=current is the only query there is');
};

const cleared = (settings: AnyHttpSettings, request: HttpRequest): readonly string[] => {
  const credential = readCredential(settings, request);
  const byCookie = credential.kind === 'token' && credential.source === 'cookie';
  return byCookie && settings.cookies ? clearSessionCookies(settings.cookies.policy) : [];
};
