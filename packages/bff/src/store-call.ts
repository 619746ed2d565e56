import { isPawlError, StoreUnavailableError } from '@pawl/core';

/** Calls a part of a store that no verb of the core stands before. @throws StoreUnavailableError */
export const callStore = async <T>(call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    throw isPawlError(error) ? error : new StoreUnavailableError({ cause: error });
  }
};
