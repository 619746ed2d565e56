import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendNode } from '@pawl/http';
import { ExchangeEnded, failureResponse, reasonOf, refusalFor } from './failure.ts';
import type { Route } from './route-table.ts';
import type { ProxySettings } from './settings.ts';

/** The ends that a client has caused by the number or the slowness of its requests. */
const limits: ReadonlySet<string> = new Set(['client_timeout', 'too_many_requests', 'busy']);

/** The ends of a stream that was opened by what has expired since. */
const expiries: ReadonlySet<string> = new Set(['token_expired', 'step_up_ended']);

/**
 * Reports a failed exchange to the log, and to the client as far as that is still possible.
 *
 * @throws the error itself if it is a mistake of the application and no response was sent
 */
export const respondToFailure = (
  { emit }: ProxySettings,
  { prefix }: Route,
  { complete, httpVersionMajor }: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void => {
  const isGone = error instanceof ExchangeEnded && error.code === 'client_gone';
  if (isGone || response.destroyed) return;
  const failure = failureResponse(error) ?? refusalFor(error);
  const status = response.headersSent ? 0 : failure.status;
  const isLimited = error instanceof ExchangeEnded && limits.has(error.code);
  if (error instanceof ExchangeEnded && expiries.has(error.code)) {
    emit({ type: 'connection.ended', route: prefix, reason: error.code });
  } else if (isLimited) {
    emit({ type: 'client.limited', route: prefix, status, reason: error.code });
  } else if (status === 0 || status >= 500) {
    emit({ type: 'upstream.failed', route: prefix, status, reason: reasonOf(error) });
  }
  // A regular end would make a part look like the whole response.
  if (response.headersSent) return void response.destroy();
  // The rest of the request body would be read as the beginning of the next request.
  if (!complete && httpVersionMajor === 1) response.setHeader('connection', 'close');
  sendNode(response, failure);
};
