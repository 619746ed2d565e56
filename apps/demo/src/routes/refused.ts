import type { Answer } from './route.ts';

/** An answer that says no, in the form that all errors here have. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  /** The stable word in the body. */
  readonly error: string;

  constructor(status: number, error: string, message: string) {
    super(message);
    this.status = status;
    this.error = error;
  }

  get answer(): Answer {
    return { status: this.status, json: { error: this.error, message: this.message } };
  }
}

export const bodyTooLarge = (): Refused =>
  new Refused(413, 'payload_too_large', 'the body is too large');

export const notFound: Answer = {
  status: 404,
  json: { error: 'not_found', message: 'there is no such thing' },
};

export const unreadable: Answer = {
  status: 400,
  json: { error: 'invalid_request', message: 'the request cannot be read' },
};

/** A bug: what it says is for the log. */
export const internalError: Answer = {
  status: 500,
  json: { error: 'internal_error', message: 'something went wrong' },
};
