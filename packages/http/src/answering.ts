import type { HttpContext } from './context.ts';
import { isDpopError } from './dpop/dpop-error.ts';
import { errorResponse, type RefusalDetails } from './errors.ts';
import type { HttpResponse, Refusal } from './response.ts';

type AnyContext = HttpContext<unknown, unknown>;

/** The answer to an error. @throws the error itself, where HTTP has no answer to it. */
export const refusal = (context: AnyContext, error: unknown, details?: RefusalDetails): Refusal => {
  const response = errorResponse(error, { ...details, algorithms: context.dpop?.algorithms });
  if (!response) throw error;
  if (isDpopError(response.error)) {
    context.emit({ type: 'dpop.refused', reason: response.error.refusal });
  }
  if (response.status >= 500) context.emit({ type: 'request.failed', error: response.error });
  return response;
};

/**
 * Carries a request out, and answers the errors that HTTP has an answer to. All
 * others are thrown on, for the framework's own error handler.
 *
 * @param details asked once the work has failed
 */
export const answering = async <Response extends HttpResponse>(
  context: AnyContext,
  work: () => Promise<Response>,
  details?: () => RefusalDetails,
): Promise<Response | Refusal> => {
  try {
    return await work();
  } catch (error) {
    return refusal(context, error, details?.());
  }
};
