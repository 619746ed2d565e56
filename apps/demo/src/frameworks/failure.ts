import { RefusedError, refusalFor } from '@pawl/http/binding';
import type { Logger } from 'pino';
import { logFailure } from '../log.ts';
import { bodyTooLarge, DemoError, internalError, unreadable } from '../routes/demo-error.ts';
import type { RouteResponse } from '../routes/route.ts';

/**
 * Returns the demo's response to an error, and logs the error if it is a failure of the service.
 * Returns null if Pawl's binding responds to it.
 */
export const failureResponse = (log: Logger, error: unknown): RouteResponse | null => {
  if (error instanceof DemoError) return error.response;
  const refusal = refusalFor(error);
  if (refusal) {
    // A refusal of the binding is already an event.
    if (refusal.status >= 500 && !(error instanceof RefusedError)) logFailure(log, error);
    return null;
  }
  const response = frameworkRefusal(error);
  if (response) return response;
  logFailure(log, error);
  return internalError;
};

/** Returns the response if the framework refused the body. Its own message may quote the body. */
const frameworkRefusal = (error: unknown): RouteResponse | null => {
  switch ((error as { statusCode?: unknown } | null)?.statusCode) {
    case 400:
      return unreadable;
    case 413:
      return bodyTooLarge().response;
    case 415:
      return new DemoError(415, 'unsupported_media_type', 'the body must be application/json')
        .response;
    default:
      return null;
  }
};
