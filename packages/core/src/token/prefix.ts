import { ConfigurationError } from '../errors.ts';

/** Characters that need no escaping in a header, a cookie and a URL. */
const form = /^[A-Za-z0-9._~-]{0,32}$/;

/** Returns a prefix of tokens. @throws ConfigurationError, naming the option, if it is invalid. */
export const validatePrefix = (option: string, prefix: string): string => {
  if (typeof prefix === 'string' && form.test(prefix)) return prefix;
  throw new ConfigurationError(option, 'must be at most 32 of A-Za-z0-9._~-');
};
