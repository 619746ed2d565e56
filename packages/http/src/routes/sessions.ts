import type { Auth } from '@pawl/core';
import { answering } from '../answering.ts';
import type { HttpContext } from '../context.ts';
import { clearedCookies } from '../cookies/session-cookies.ts';
import { readCredential } from '../credential.ts';
import { type GuardOptions, guard } from '../guard.ts';
import { HttpError } from '../http-error.ts';
import type { HttpRequest } from '../request.ts';
import { emptyResponse, type HttpResponse, jsonResponse } from '../response.ts';
import { authView, listedSessionView } from './session-view.ts';

type AnyContext = HttpContext<unknown, unknown>;
type AnyAuth = Auth<unknown, unknown>;

/**
 * Who manages sessions is asked for a live one, also where the application is
 * content with less: else a revoked token could still end the others.
 */
const ownSession: GuardOptions<unknown, unknown> = { revocationCheck: 'session', apiKeys: false };

const withOwnSession = async (
  context: AnyContext,
  request: HttpRequest,
  work: (auth: AnyAuth & { readonly sessionId: string }) => Promise<HttpResponse>,
): Promise<HttpResponse> => {
  const outcome = await guard(context, request, ownSession);
  if (outcome.kind === 'refused') return outcome.response;
  return answering(context, async () => {
    if (outcome.kind === 'anonymous' || !hasSession(outcome.auth)) {
      throw new HttpError('ERR_FORBIDDEN', 'there is no session');
    }
    return work(outcome.auth);
  });
};

const hasSession = (auth: AnyAuth): auth is AnyAuth & { readonly sessionId: string } =>
  auth.sessionId !== null;

/** `GET /session`: always 200, authenticated or not; 503 where the store cannot tell. */
export const sessionRoute = async (
  context: AnyContext,
  request: HttpRequest,
): Promise<HttpResponse> => {
  const outcome = await guard(context, request, ownSession, true);
  if (outcome.kind === 'authenticated') return jsonResponse(200, authView(outcome.auth));
  if (outcome.kind === 'refused' && outcome.response.status >= 500) return outcome.response;
  const clear = outcome.kind === 'anonymous' ? outcome.clear : [];
  return jsonResponse(200, { authenticated: false }, clear);
};

/** `GET /sessions`: the user's live sessions, newest first. */
export const listRoute = (context: AnyContext, request: HttpRequest): Promise<HttpResponse> =>
  withOwnSession(context, request, async ({ userId, sessionId }) => {
    const sessions = await context.sessions.list(userId, sessionId);
    return jsonResponse(200, sessions.map(listedSessionView));
  });

/** `DELETE /sessions/:id`: 204, or 404 for one that is not there or someone else's. */
export const revokeOneRoute = (
  context: AnyContext,
  request: HttpRequest,
  { id = '' }: Readonly<Record<string, string>>,
): Promise<HttpResponse> =>
  withOwnSession(context, request, async ({ userId, sessionId }) => {
    if ((await context.sessions.revoke(id, { userId })) === 'missing') {
      throw new HttpError('ERR_NOT_FOUND', 'there is no such session');
    }
    return emptyResponse(id === sessionId ? cleared(context, request) : []);
  });

/** `DELETE /sessions`: ends all of them, or, with `?except=current`, all others. */
export const revokeAllRoute = (context: AnyContext, request: HttpRequest): Promise<HttpResponse> =>
  withOwnSession(context, request, async ({ userId, sessionId }) => {
    if (exceptsCurrent(request.query)) {
      await context.sessions.revokeOthers(userId, sessionId);
      return emptyResponse();
    }
    await context.sessions.revokeAll(userId);
    return emptyResponse(cleared(context, request));
  });

/** A mistyped query must not end more than was meant. */
const exceptsCurrent = (query: string): boolean => {
  const parameters = [...new URLSearchParams(query)];
  if (parameters.length === 0) return false;
  if (parameters.length === 1 && parameters[0]?.join('=') === 'except=current') return true;
  throw new HttpError('ERR_REQUEST_INVALID', 'except=current is the only query there is');
};

const cleared = (context: AnyContext, request: HttpRequest): readonly string[] => {
  const credential = readCredential(context, request);
  const byCookie = credential.kind === 'token' && credential.source === 'cookie';
  return byCookie && context.cookies ? clearedCookies(context.cookies.policy) : [];
};
