import { errorResponse, type HttpResponse, type Refusal, webResponse } from '@pawl/http';
import type { ErrorHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** A refusal as Hono's own error. Its `cause` is the PawlError or HttpError behind it. */
export const createException = (refusal: Refusal): HTTPException =>
  new HTTPException(refusal.status as ContentfulStatusCode, {
    res: webResponse(refusal),
    message: refusal.error.message,
    cause: refusal.error,
  });

/** Returns the response, unless it is a refusal. @throws HTTPException */
export const assertAllowed = <R extends HttpResponse>(response: R | Refusal): R => {
  if (response.error) throw createException(response as Refusal);
  return response as R;
};

const isException = (error: Error): error is HTTPException => 'getResponse' in error;

/** The response to a refusal, or to an error of Pawl that a handler did not catch; else null. */
export const responseTo = (error: Error): Response | null => {
  if (isException(error) && errorResponse(error.cause)) return error.getResponse();
  const refusal = errorResponse(error);
  return refusal && webResponse(refusal);
};

/** What Hono itself does without `app.onError`. */
export const defaultErrorHandler: ErrorHandler = (error, c) => {
  if (isException(error)) {
    const response = error.getResponse();
    return c.newResponse(response.body, response);
  }
  console.error(error);
  return c.text('Internal Server Error', 500);
};
