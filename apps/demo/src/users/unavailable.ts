import { isPawlError, StoreUnavailableError } from '@pawl/core';

/** Converts an error of the database to one that becomes 503. Errors of Pawl stay as they are. */
export const toUnavailable = (error: unknown): Error =>
  isPawlError(error) ? error : new StoreUnavailableError({ cause: error });
