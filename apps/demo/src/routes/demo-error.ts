import type { RouteResponse } from './route.ts';

/** A refusal with a status, in the form of all errors of the demo. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
  readonly status: number;
  /** The stable error code in the body. */
  readonly error: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    error: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.error = error;
    this.headers = headers;
  }

  get response(): RouteResponse {
    const { status, headers, error, message } = this;
    return { status, headers, json: { error, message } };
  }
}

export const bodyTooLarge = (): DemoError =>
  new DemoError(413, 'payload_too_large', 'the body is too large');

export const notFound: RouteResponse = {
  status: 404,
  json: { error: 'not_found', message: 'not found' },
};

export const unreadable: RouteResponse = {
  status: 400,
  json: { error: 'invalid_request', message: 'the request cannot be read' },
};

/** The response to a bug. Its message is only logged. */
export const internalError: RouteResponse = {
  status: 500,
  json: { error: 'internal_error', message: 'something went wrong' },
};
