import { isPawlError, StoreUnavailableError } from '@pawl/core';

/** What a failing database is to a caller: 503. What has a meaning already keeps it. */
export const asUnavailable = (error: unknown): Error =>
  isPawlError(error) ? error : new StoreUnavailableError({ cause: error });
