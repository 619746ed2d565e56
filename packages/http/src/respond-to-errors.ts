import { isDpopError } from './dpop/dpop-error.ts';
import { errorResponse, type RefusalDetails } from './errors.ts';
import type { HttpResponse, Refusal } from './response.ts';
import type { AnyHttpSettings } from './settings.ts';

/**
 * Creates the response to an error, and reports it as an event where it is one.
 *
 * @throws the error itself, unless it is a PawlError or HttpError with an HTTP status
 */
export const createRefusal = (
  settings: AnyHttpSettings,
  error: unknown,
  details?: RefusalDetails,
): Refusal => {
  const response = errorResponse(error, { ...details, algorithms: settings.dpop?.algorithms });
  if (!response) throw error;
  if (isDpopError(response.error)) {
    settings.emit({ type: 'dpop.refused', reason: response.error.refusal }, details?.waitUntil);
  }
  if (response.status >= 500) {
    settings.emit({ type: 'request.failed', error: response.error }, details?.waitUntil);
  }
  return response;
};

/**
 * Runs the work of a route and responds to the errors of Pawl that it throws. All other errors
 * are rethrown, for the framework's error handler.
 *
 * @param details called when the work has failed
 */
export const respondToErrors = async <Response extends HttpResponse>(
  settings: AnyHttpSettings,
  work: () => Promise<Response>,
  details?: () => RefusalDetails,
): Promise<Response | Refusal> => {
  try {
    return await work();
  } catch (error) {
    return createRefusal(settings, error, details?.());
  }
};
