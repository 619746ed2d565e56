import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GuardCallOptions, type HttpResponse, nodeRequest, sendNode } from '@pawl/http';
import { guardResponseHead } from '@pawl/http/binding';
import { admit, credentialsWith, expiriesOf, tokenOf } from './admission.ts';
import { noCredentials } from './credentials.ts';
import { destinationOf } from './destination.ts';
import { Exchange } from './exchange.ts';
import { retryLater } from './failure.ts';
import { commonHeaders } from './headers/common-headers.ts';
import type { Leave } from './limits/concurrency.ts';
import { hasBody, isReplayable, type RequestBody, takeBody } from './request-body.ts';
import type { Route } from './route-table.ts';
import type { ProxySettings } from './settings.ts';

/** The admission to a public route. */
const anonymous = { auth: null, pending: null, validUntil: null };

/**
 * Forwards one request, from the guard to the last byte of the response.
 *
 * @returns false, without any effect, if no route matches
 */
export const forward = async (
  settings: ProxySettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> => {
  const destination = destinationOf(settings, request);
  if (!destination) return false;
  if ('refusal' in destination) return send(response, destination.refusal);
  const { route, path, search } = destination;
  const admission = route.isPublic
    ? anonymous
    : admit(await settings.options.guard(nodeRequest(request), guardCall(request, response)));
  const { auth } = admission;
  if (auth === undefined) return send(response, admission.refusal);
  // Added when the head leaves, if that is not too late. The response is not stored by caches then.
  if (admission.pending) guardResponseHead(response, [], admission.pending);

  const exchange = new Exchange(settings, route, request, response);
  const sessionId = auth && auth.sessionId;
  const entry = auth && settings.open.add(auth.sessionId, exchange);
  let leave: Leave | undefined;
  let leaveUploads: Leave | undefined;
  try {
    // First, so that a slow client holds nothing but its own memory.
    const body = hasBody(request)
      ? await bodyOf(settings, request, route, sessionId, exchange)
      : null;
    const entered = settings.limits.enter(request, sessionId);
    leave = typeof entered === 'function' ? entered : await entered;
    // What is streamed holds a connection for as long as the client sends.
    if (!isReplayable(body)) leaveUploads = await route.uploads.enter('');
    exchange.throwIfEnded();
    if (auth) exchange.expiries = expiriesOf(admission);
    const credentials = auth
      ? credentialsWith(settings, route, auth, await tokenOf(settings, auth))
      : noCredentials;
    exchange.throwIfEnded();
    const { method = '' } = request;
    for (;;) {
      const headers = commonHeaders(settings, route, request);
      const adding = credentials.addTo(headers, method, path);
      // A bearer token is added synchronously: awaiting it costs a microtask per request.
      if (adding) await adding;
      const reason = await exchange.send({ method, path, search, headers, body }, credentials);
      if (reason === null) return true;
      settings.emit({ type: 'upstream.refused', route: route.prefix, reason });
      await credentials.renew(reason);
      exchange.throwIfEnded();
      if (!isReplayable(body)) return send(response, retryLater);
    }
  } catch (error) {
    exchange.fail(error);
    return true;
  } finally {
    leaveUploads?.();
    leave?.();
    entry?.remove();
    exchange.close();
  }
};

/**
 * An event stream does not rotate the session cookie: its response lasts, and no script of the page
 * decides when the browser opens it again.
 */
const guardCall = (
  { headers }: IncomingMessage,
  { headersSent }: ServerResponse,
): GuardCallOptions => ({
  canSetCookies: !headersSent && !/\btext\/event-stream\b/i.test(headers.accept ?? ''),
});

const send = (response: ServerResponse, content: HttpResponse): true => {
  sendNode(response, content);
  return true;
};

/** Takes the body of a request. How many of one client may be read at once is bounded, too. */
const bodyOf = async (
  { clientTimeout, limits }: ProxySettings,
  request: IncomingMessage,
  { bodyLimit: limit }: Route,
  sessionId: string | null,
  exchange: Exchange,
): Promise<RequestBody> => {
  const leave = await limits.enterBody(request, sessionId);
  try {
    return await takeBody(request, {
      limit,
      clientTimeout,
      onEnd: (reason) => exchange.end(reason),
    });
  } finally {
    leave();
  }
};
