import { ConfigurationError } from '../errors.ts';

/** These go into a header, a cookie and a URL as they are. */
const form = /^[A-Za-z0-9._~-]{0,32}$/;

/** @throws ConfigurationError, naming the option, for what tokens cannot begin with. */
export const validatePrefix = (option: string, prefix: string): string => {
  if (typeof prefix === 'string' && form.test(prefix)) return prefix;
  throw new ConfigurationError(option, 'must be at most 32 of A-Za-z0-9._~-');
};
