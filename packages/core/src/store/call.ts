import { isPawlError, StoreUnavailableError } from '../errors.ts';

/**
 * Calls a store. Any error that is not one of Pawl's becomes a `StoreUnavailableError`: a failure
 * never means "not found" or "allowed".
 *
 * @throws StoreUnavailableError, or the error of Pawl that the store threw.
 */
export const callStore = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw storeFailure(error);
  }
};

/** Returns the error of a store as callers of Pawl receive it. */
export const storeFailure = (error: unknown): Error =>
  isPawlError(error) ? error : new StoreUnavailableError({ cause: error });
