import { ConfigurationError, isPawlError } from '@pawl/core';

/** The setting that an address came from. */
export type AddressVariable = 'STORE' | 'USERS';

/**
 * What cannot be opened is a sentence for whoever starts the demo, and not a stack. The
 * drivers' messages name hosts and users, never a password; their other fields may.
 *
 * @throws ConfigurationError, naming the variable
 */
export const opening = async <T>(variable: AddressVariable, open: () => Promise<T>): Promise<T> => {
  try {
    return await open();
  } catch (error) {
    if (isPawlError(error) && error.code === 'ERR_CONFIGURATION') throw error;
    throw new ConfigurationError(variable, `cannot be opened: ${reasonOf(error)}`);
  }
};

/** What was wrong in the first place. Several addresses that all refuse have a code only. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'failed';
  if (error.cause !== undefined) return reasonOf(error.cause);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
};
