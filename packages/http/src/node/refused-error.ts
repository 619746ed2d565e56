import { errorResponse } from '../errors.ts';
import type { HttpResponse, Refusal } from '../response.ts';

/**
 * A refusal as an error, for the error handler of a framework on Node: Express
 * reads `status` and `headers` of it, Fastify `statusCode`, `code` and `headers`.
 * Whichever of it they show says no more than the answer of Pawl itself does.
 */
export class RefusedError extends Error {
  readonly status: number;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** The stable word of the body, such as `no_session`. */
  readonly code: string;
  /** The complete answer. `cause` is the error of Pawl. */
  readonly response: Refusal;
  /** Marks it across copies of this package in one process. */
  readonly library = '@pawl/http' as const;

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

  override get name(): string {
    return 'RefusedError';
  }
}

/** What answers an error that reached an error handler; null for one that HTTP has no answer to. */
export const refusalFor = (error: unknown): Refusal | null =>
  isRefusedError(error) ? error.response : errorResponse(error);

const isRefusedError = (error: unknown): error is RefusedError =>
  error instanceof Error &&
  'library' in error &&
  error.library === '@pawl/http' &&
  'response' in error;

/** A response that says yes. @throws RefusedError for one that says no */
export const assertAllowed = <Response extends HttpResponse>(
  response: Response | Refusal,
): Response => {
  if (response.error) throw new RefusedError(response as Refusal);
  return response as Response;
};
