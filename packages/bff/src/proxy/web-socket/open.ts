import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type HttpResponse, nodeRequest } from '@pawl/http';
import { admit, credentialsWith, tokenOf } from '../admission.ts';
import type { Credentials } from '../credentials.ts';
import {
  failureResponse,
  invalidRequest,
  reasonOf,
  refusedByApi,
  UpstreamError,
} from '../failure.ts';
import type { Ending } from '../open-connections.ts';
import type { Place } from '../queue.ts';
import { commonHeaders, type Destination, type ProxySettings, refusalOf } from '../settings.ts';
import { connectUpstream, isHandshake, refuse, type UpstreamSocket } from './handshake.ts';
import { join } from './join.ts';

type Found = Extract<Destination, { route: unknown }>;

/**
 * Opens a WebSocket to the API for a live session whose browser asks from where it may (the
 * guard checks the origin of a handshake although it is a GET), and closes it with the session.
 *
 * @throws what HTTP has no answer to; the handshake was answered by then
 */
export const openWebSocket = async (
  settings: ProxySettings,
  found: Found,
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
): Promise<void> => {
  const { route } = found;
  // Until both sides are joined, a client that goes away has nobody else who listens.
  const onError = (): void => void client.destroy();
  client.on('error', onError);
  if (!route.webSocket || !isHandshake(request)) return refuse(client, invalidRequest);
  let place: Place | undefined;
  /** Until both sides are joined there is nothing to take leave of. */
  let leave: (reason: Ending) => void = () => void client.destroy();
  try {
    const admitted = admit(await settings.options.guard(nodeRequest(request)));
    if (admitted.auth === undefined) return refuse(client, admitted.refusal);
    const { auth } = admitted;
    const connection = {
      end: (reason: Ending): void => {
        settings.emit({ type: 'connection.ended', route: route.prefix, reason });
        leave(reason);
      },
    };
    place = settings.open.add(auth.sessionId, connection);
    client.on('close', () => place?.leave());
    const token = await tokenOf(settings, auth);
    const credentials = credentialsWith(settings, route, auth, token);
    // It may have been revoked meanwhile: then there is nobody to ask for.
    if (client.destroyed) return;
    const answered = await tries(settings, found, request, credentials);
    if ('socket' in answered) {
      if (client.destroyed) return void answered.socket.destroy();
      leave = join(client, head, answered);
      return;
    }
    refuse(client, answered);
  } catch (error) {
    place?.leave();
    const answer = failureResponse(error) ?? knownRefusal(error);
    if (answer) {
      const { status } = answer;
      if (status >= 500)
        settings.emit({
          type: 'upstream.failed',
          route: route.prefix,
          status,
          reason: reasonOf(error),
        });
      return refuse(client, answer);
    }
    refuse(client, { status: 500, headers: {}, cookies: [] });
    throw error;
  }
};

const knownRefusal = (error: unknown): HttpResponse | null => {
  try {
    return refusalOf(error);
  } catch {
    return null;
  }
};

const tries = async (
  settings: ProxySettings,
  { route, path, search }: Found,
  request: IncomingMessage,
  credentials: Credentials,
): Promise<UpstreamSocket | HttpResponse> => {
  for (;;) {
    const headers = commonHeaders(settings, request);
    await credentials.addTo(headers, 'GET', path);
    const answered = await connectUpstream(
      route,
      path + search,
      headers,
      request,
      settings.options,
    ).catch((error: unknown) => {
      throw new UpstreamError(error);
    });
    if ('socket' in answered) return answered;
    const refused = credentials.judge(answered.status, answered.headers);
    if (refused === null) return refusedByApi(answered.status);
    settings.emit({ type: 'upstream.refused', route: route.prefix, reason: refused });
    await credentials.renew(refused);
  }
};
