import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendNode } from '@pawl/http';
import {
  admit,
  commonHeaders,
  credentialsOf,
  type Destination,
  type ProxyContext,
  refusalOf,
} from './context.ts';
import type { Credentials } from './credentials.ts';
import { Exchange } from './exchange.ts';
import { ExchangeEnded, failureResponse, reasonOf, tryAgain } from './failure.ts';
import { hasBody, takeBody } from './request-body.ts';

type Found = Extract<Destination, { route: unknown }>;

/** Carries one request out, from the guard to the last byte of the answer. */
export const forward = async (
  context: ProxyContext,
  found: Found,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { route } = found;
  const admitted = await admit(context, route, request);
  if (admitted.auth === undefined) return sendNode(response, admitted.refusal);

  const exchange = new Exchange(response, route, context.responseLimit);
  const { auth } = admitted;
  const remove = auth && context.open.add(auth.sessionId, (reason) => exchange.end(reason));
  try {
    const credentials = await credentialsOf(context, route, auth, (token) => exchange.orEnd(token));
    await exchangeTries(context, found, request, response, exchange, credentials);
  } catch (error) {
    fail(context, found, request, response, error);
  } finally {
    remove?.();
    exchange.close();
  }
};

const exchangeTries = async (
  context: ProxyContext,
  { route, path, search }: Found,
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
  credentials: Credentials,
): Promise<void> => {
  const method = request.method ?? '';
  const common = commonHeaders(context, request);
  const body = hasBody(request)
    ? await exchange.orEnd(takeBody(request, route.bodyLimit, () => exchange.end('body_too_large')))
    : null;
  const isReplayable = body === null || Buffer.isBuffer(body);
  for (;;) {
    const own = credentials.headers(method, path);
    const headers = common.concat(own instanceof Promise ? await own : own);
    const made = { method, path, search, headers, body };
    const refused = await exchange.send(made, credentials.judge);
    if (refused === null) return;
    context.emit({ type: 'upstream.refused', route: route.prefix, reason: refused });
    await exchange.orEnd(credentials.renew(refused));
    if (!isReplayable) return sendNode(response, tryAgain);
  }
};

/** @throws the error itself, where it is a mistake of the application and nothing was answered */
const fail = (
  { emit }: ProxyContext,
  { route }: Found,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void => {
  const isGone = error instanceof ExchangeEnded && error.code === 'client_gone';
  if (isGone || response.destroyed) return;
  const answer = failureResponse(error) ?? refusalOf(error);
  const status = response.headersSent ? 0 : answer.status;
  if (status === 0 || status >= 500) {
    emit({ type: 'upstream.failed', route: route.prefix, status, reason: reasonOf(error) });
  }
  // A clean end would pass for the whole answer.
  if (response.headersSent) return void response.destroy();
  // The rest of a body that nobody wants any more would come before the next request.
  if (!request.complete && request.httpVersionMajor === 1)
    response.setHeader('connection', 'close');
  sendNode(response, answer);
};
