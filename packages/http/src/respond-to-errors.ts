import { isDpopError } from './dpop/dpop-error.ts';
import { errorResponse, type RefusalDetails } from './errors.ts';
import type { HttpResponse, Refusal } from './response.ts';
import type { AnyHttpSettings } from './settings.ts';

/** The answer to an error. @throws the error itself, where HTTP has no answer to it. */
export const createRefusal = (
  settings: AnyHttpSettings,
  error: unknown,
  details?: RefusalDetails,
): Refusal => {
  const response = errorResponse(error, { ...details, algorithms: settings.dpop?.algorithms });
  if (!response) throw error;
  if (isDpopError(response.error)) {
    settings.emit({ type: 'dpop.refused', reason: response.error.refusal });
  }
  if (response.status >= 500) settings.emit({ type: 'request.failed', error: response.error });
  return response;
};

/**
 * Carries a request out, and answers the errors that HTTP has an answer to. All
 * others are thrown on, for the framework's own error handler.
 *
 * @param details asked once the work has failed
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
