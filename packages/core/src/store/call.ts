import { isPawlError, StoreUnavailableError } from '../errors.ts';

/**
 * Calls a store. What fails in it is the store's failure, whatever an adapter
 * or a driver throws: never "not found", never a pass.
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

/** What a store has thrown, as Pawl's callers see it. */
export const storeFailure = (error: unknown): Error =>
  isPawlError(error) ? error : new StoreUnavailableError({ cause: error });
