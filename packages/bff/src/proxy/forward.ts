import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HttpResponse, nodeRequest, sendNode } from '@pawl/http';
import { admit, credentialsWith, tokenOf } from './admission.ts';
import { noCredentials } from './credentials.ts';
import { Exchange } from './exchange.ts';
import { tryAgain } from './failure.ts';
import { hasBody, isReplayable, type RequestBody, takeBody } from './request-body.ts';
import type { Route } from './route-table.ts';
import { commonHeaders, destinationOf, type ProxySettings } from './settings.ts';

/** Nobody has to say who they are. */
const anybody = { auth: null };

/**
 * Carries one request out, from the guard to the last byte of the answer.
 *
 * @returns false, at once, where it is for none of the routes
 */
export const forward = async (
  settings: ProxySettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> => {
  const found = destinationOf(settings, request);
  if (!found) return false;
  if ('refusal' in found) return answered(response, found.refusal);
  const { route, path, search } = found;
  const admitted = route.isPublic
    ? anybody
    : admit(await settings.options.guard(nodeRequest(request)));
  const { auth } = admitted;
  if (auth === undefined) return answered(response, admitted.refusal);

  const exchange = new Exchange(settings, route, request, response);
  const place = auth && settings.open.add(auth.sessionId, exchange);
  try {
    const credentials = auth
      ? credentialsWith(settings, route, auth, await tokenOf(settings, auth))
      : noCredentials;
    exchange.throwIfEnded();
    const body = hasBody(request) ? await bodyOf(request, route, exchange) : null;
    const { method = '' } = request;
    for (;;) {
      const headers = commonHeaders(settings, request);
      const proven = credentials.addTo(headers, method, path);
      // A promise for nothing would cost every request.
      if (proven) await proven;
      const refused = await exchange.send({ method, path, search, headers, body }, credentials);
      if (refused === null) return true;
      settings.emit({ type: 'upstream.refused', route: route.prefix, reason: refused });
      await credentials.renew(refused);
      exchange.throwIfEnded();
      if (!isReplayable(body)) return answered(response, tryAgain);
    }
  } catch (error) {
    exchange.fail(error);
    return true;
  } finally {
    place?.leave();
    exchange.close();
  }
};

const answered = (response: ServerResponse, answer: HttpResponse): true => {
  sendNode(response, answer);
  return true;
};

const bodyOf = (
  request: IncomingMessage,
  { bodyLimit }: Route,
  exchange: Exchange,
): Promise<RequestBody> => takeBody(request, bodyLimit, () => exchange.end('body_too_large'));
