import { ConfigurationError, isPawlError } from '@pawl/core';

/** The variable of an address. */
export type AddressVariable = 'STORE' | 'USERS';

/**
 * Opens a connection. If that fails, the error is one sentence without a stack. The messages of
 * the drivers name hosts and users, never a password; their other fields may contain one.
 *
 * @throws ConfigurationError, which names the variable
 */
export const openOrExplain = async <T>(
  variable: AddressVariable,
  open: () => Promise<T>,
): Promise<T> => {
  try {
    return await open();
  } catch (error) {
    if (isPawlError(error) && error.code === 'ERR_CONFIGURATION') throw error;
    throw new ConfigurationError(variable, `cannot be opened: ${reasonOf(error)}`);
  }
};

/** Returns the message of the first cause. If several addresses refuse, there is only a code. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'failed';
  if (error.cause !== undefined) return reasonOf(error.cause);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
};
