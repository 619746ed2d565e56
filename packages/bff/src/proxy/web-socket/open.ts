import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type HttpResponse, nodeRequest } from '@pawl/http';
import { admit, credentialsWith, expiriesOf, tokenOf } from '../admission.ts';
import type { Credentials } from '../credentials.ts';
import type { MatchedRoute } from '../destination.ts';
import {
  failureResponse,
  handshakeRefusal,
  invalidRequest,
  reasonOf,
  refusalFor,
  UpstreamError,
} from '../failure.ts';
import { commonHeaders } from '../headers/common-headers.ts';
import type { Leave } from '../limits/concurrency.ts';
import { type CloseReason, earliestExpiry } from '../open-connections.ts';
import type { Entry } from '../queue.ts';
import type { ProxySettings } from '../settings.ts';
import { connectUpstream, isHandshake, rejectHandshake, type UpstreamSocket } from './handshake.ts';
import { joinSockets } from './join.ts';

/**
 * Opens a WebSocket to the API for a session, and closes it with the session. The guard checks
 * the origin of a handshake although it is a GET, so that no other site can open one.
 *
 * @throws an error that HTTP has no response for; the handshake was rejected by then
 */
export const openWebSocket = async (
  settings: ProxySettings,
  match: MatchedRoute,
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
): Promise<void> => {
  const { route } = match;
  // Until both sides are joined, nothing else listens for errors of the client's socket.
  const onError = (): void => void client.destroy();
  client.on('error', onError);
  if (!route.webSocket || !isHandshake(request)) return rejectHandshake(client, invalidRequest);
  let entry: Entry | undefined;
  let leave: Leave | undefined;
  let end: (reason: CloseReason) => void = () => void client.destroy();
  try {
    // The response to a handshake is not written by HTTP, and a cookie in it could be lost.
    const call = { canSetCookies: false };
    const admission = admit(await settings.options.guard(nodeRequest(request), call));
    if (admission.auth === undefined) return rejectHandshake(client, admission.refusal);
    const { auth } = admission;
    if (client.destroyed) return;
    const connection = {
      end: (reason: CloseReason): void => {
        settings.emit({ type: 'connection.ended', route: route.prefix, reason });
        end(reason);
      },
    };
    entry = settings.open.add(auth.sessionId, connection);
    client.on('close', () => entry?.remove());
    leave = await settings.limits.enterSocket(auth.sessionId);
    client.on('close', leave);
    if (client.destroyed) return leave();
    const token = await tokenOf(settings, auth);
    const credentials = credentialsWith(settings, route, auth, token);
    // The session may have been revoked meanwhile.
    if (client.destroyed) return;
    const result = await connect(settings, match, request, credentials);
    if ('socket' in result) {
      if (client.destroyed) return void result.socket.destroy();
      end = joinSockets(client, head, result);
      // It must not outlive what opened it.
      const expiry = earliestExpiry(expiriesOf(admission), credentials.expiresAt);
      const expiring = expiry && settings.open.expire(connection, expiry);
      client.on('close', () => expiring?.remove());
      return;
    }
    leave();
    rejectHandshake(client, result);
  } catch (error) {
    entry?.remove();
    leave?.();
    const failure = failureResponse(error) ?? knownRefusal(error);
    if (failure) {
      const { status } = failure;
      if (status >= 500)
        settings.emit({
          type: 'upstream.failed',
          route: route.prefix,
          status,
          reason: reasonOf(error),
        });
      return rejectHandshake(client, failure);
    }
    rejectHandshake(client, { status: 500, headers: {}, cookies: [] });
    throw error;
  }
};

const knownRefusal = (error: unknown): HttpResponse | null => {
  try {
    return refusalFor(error);
  } catch {
    return null;
  }
};

/** Sends handshakes until the API accepts one, or no other attempt would help. */
const connect = async (
  settings: ProxySettings,
  { route, path, search }: MatchedRoute,
  request: IncomingMessage,
  credentials: Credentials,
): Promise<UpstreamSocket | HttpResponse> => {
  for (;;) {
    const headers = commonHeaders(settings, route, request);
    await credentials.addTo(headers, 'GET', path);
    const result = await connectUpstream(
      route,
      path + search,
      headers,
      request,
      settings.options,
    ).catch((error: unknown) => {
      throw new UpstreamError(error);
    });
    if ('socket' in result) return result;
    const reason = credentials.inspect(result.status, result.headers);
    if (reason === null) return handshakeRefusal(result.status);
    settings.emit({ type: 'upstream.refused', route: route.prefix, reason });
    await credentials.renew(reason);
  }
};
