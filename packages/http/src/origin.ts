import { ConfigurationError } from '@pawl/core';
import { isLoopback } from '@pawl/core/internal';

/**
 * An origin of the configuration.
 * @throws ConfigurationError unless it is `https://…`, or `http://` on localhost, and nothing more
 */
export const validateOrigin = (option: string, given: unknown): URL => {
  const url = typeof given === 'string' ? parseOrigin(given) : null;
  // A URL may hold a `*`, but no request will ever come from it.
  if (!url || url.hostname.includes('*')) {
    throw new ConfigurationError(option, 'must be an origin such as https://app.example.com');
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new ConfigurationError(option, 'must be https, but for localhost');
  }
  return url;
};

/** An origin as a browser writes it (RFC 6454 § 6.2), or null for anything with more to it. */
export const parseOrigin = (text: string): URL | null => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  // Whatever follows the authority, or hides before the host, is not part of an origin.
  return /^[a-z]+:\/\/[^/\\?#@\s]+$/i.test(text) ? url : null;
};
