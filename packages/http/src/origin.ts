import { ConfigurationError } from '@pawl/core';
import { isSecureUrl } from '@pawl/core/internal';

/**
 * Validates an origin of the configuration: `https://…`, or `http://…` on localhost.
 *
 * @param option the name of the option, for the error
 * @param allowPlainHttp whether `http://…` may be another machine's too. Default false
 * @throws ConfigurationError if it is not an origin, or has a path, a query or a user
 */
export const validateOrigin = (option: string, given: unknown, allowPlainHttp = false): URL => {
  const url = typeof given === 'string' ? parseOrigin(given) : null;
  // `*` is valid in a URL, but no request ever comes from such a host.
  if (!url || url.hostname.includes('*')) {
    throw new ConfigurationError(option, 'must be an origin such as https://app.example.com');
  }
  if (!isSecureUrl(url, allowPlainHttp)) {
    throw new ConfigurationError(
      option,
      'must be https, except on localhost; or in development, with dangerouslyAllowPlainHttp',
    );
  }
  return url;
};

/** Parses an origin as browsers send it (RFC 6454 § 6.2). Returns null for anything else. */
export const parseOrigin = (text: string): URL | null => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  // An origin has no path, query or fragment after the host, and no user before it.
  return /^[a-z]+:\/\/[^/\\?#@\s]+$/i.test(text) ? url : null;
};
