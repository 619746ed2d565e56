import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendNode } from '@pawl/http';
import { ExchangeEnded, failureResponse, reasonOf } from './failure.ts';
import type { Route } from './route-table.ts';
import { type ProxySettings, refusalOf } from './settings.ts';

/**
 * Tells the client and the log that an exchange failed, as far as somebody can still be told.
 *
 * @throws the error itself, where it is a mistake of the application and nothing was answered
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
  const answer = failureResponse(error) ?? refusalOf(error);
  const status = response.headersSent ? 0 : answer.status;
  if (status === 0 || status >= 500) {
    emit({ type: 'upstream.failed', route: prefix, status, reason: reasonOf(error) });
  }
  // A clean end would pass for the whole answer.
  if (response.headersSent) return void response.destroy();
  // The rest of a body that nobody wants any more would come before the next request.
  if (!complete && httpVersionMajor === 1) response.setHeader('connection', 'close');
  sendNode(response, answer);
};
