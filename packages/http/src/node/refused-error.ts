import { isError } from '@pawl/core/internal';
import { errorResponse } from '../errors.ts';
import type { HttpResponse, Refusal } from '../response.ts';

/**
 * Thrown by a binding when Pawl refuses a request, for the error handler of the framework: Express
 * reads `status` and `headers` of it, Fastify `statusCode`, `code` and `headers`. All of them are
 * safe to send. Send {@link RefusedError.response} as it is, or use the `errorHandler()` of the
 * binding, which does so.
 */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly status: number;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The stable `error` of the body, such as `no_session`. */
  readonly code: string;
  /** The complete response. `cause` is the PawlError or HttpError behind it. */
  readonly response: Refusal;
  /** Identifies the class across copies of this package in one process. */
  readonly library = '@pawl/http/binding' as const;

  constructor(response: Refusal) {
    const { error, message } = response.body as { error: string; message: string };
    super(message, { cause: response.error });
    const { status, headers, cookies } = response;
    this.status = status;
    this.statusCode = status;
    this.headers = cookies.length === 0 ? headers : { ...headers, 'set-cookie': [...cookies] };
    this.code = error;
    this.response = response;
  }
}

/** Whether a caught value is a {@link RefusedError}, whichever copy of this package threw it. */
export const isRefusedError = (error: unknown): error is RefusedError =>
  isError(error) && 'library' in error && error.library === '@pawl/http/binding';

/**
 * The response to an error that reached an error handler: to a {@link RefusedError}, and to an
 * error of Pawl that a handler did not catch. Null for any other error.
 */
export const refusalFor = (error: unknown): Refusal | null =>
  isRefusedError(error) ? error.response : errorResponse(error);

/** Throws what `checkOrigin` has found. @throws RefusedError */
export const throwIfRefused = (refusal: Refusal | null): void => {
  if (refusal) throw new RefusedError(refusal);
};

/** Returns the response, unless it is a refusal. @throws RefusedError */
export const assertAllowed = <Response extends HttpResponse>(
  response: Response | Refusal,
): Response => {
  if (response.error) throw new RefusedError(response as Refusal);
  return response as Response;
};
