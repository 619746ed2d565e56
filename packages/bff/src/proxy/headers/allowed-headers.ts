import { ConfigurationError } from '@pawl/core';
import { isHopByHop } from './hop-by-hop.ts';

/** Headers of the body and of a representation, which go both ways (RFC 9110 § 8, RFC 9530). */
const content = [
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'digest',
  'repr-digest',
  'want-content-digest',
  'want-digest',
  'want-repr-digest',
];

/** Headers of resumable uploads (tus 1.0, and its successor at the IETF). */
const uploads = [
  'tus-resumable',
  'upload-complete',
  'upload-length',
  'upload-metadata',
  'upload-offset',
];

/** Names of a request for logs and traces. They prove nothing, and nobody is identified by them. */
const tracing = ['traceparent', 'tracestate', 'x-correlation-id', 'x-request-id'];

/** The headers that a client may send to an API. */
const requestNames: ReadonlySet<string> = new Set([
  ...content,
  ...uploads,
  ...tracing,
  'accept',
  'accept-charset',
  'accept-datetime',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'dnt',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-event-id',
  'pragma',
  'prefer',
  'priority',
  'range',
  'save-data',
  'slug',
  'upload-checksum',
  'upload-concat',
  'upload-defer-length',
  'user-agent',
  'x-requested-with',
]);

/** The headers that an API may send to a client. `cache-control` is added after an inspection. */
const responseNames: ReadonlySet<string> = new Set([
  ...content,
  ...uploads,
  ...tracing,
  'accept-patch',
  'accept-post',
  'accept-ranges',
  'age',
  'allow',
  'deprecation',
  'etag',
  'expires',
  'last-modified',
  'link',
  'location',
  'preference-applied',
  'ratelimit',
  'ratelimit-limit',
  'ratelimit-policy',
  'ratelimit-remaining',
  'ratelimit-reset',
  'retry-after',
  'sunset',
  'traceresponse',
  'tus-extension',
  'tus-max-size',
  'tus-version',
  'upload-expires',
  'upload-limit',
  'vary',
  'warning',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-robots-tag',
  'x-total-count',
]);

/** What else a document may say about itself. */
const documentNames: readonly string[] = [
  'content-security-policy',
  'content-security-policy-report-only',
  'cross-origin-embedder-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'origin-agent-cluster',
  'permissions-policy',
  'referrer-policy',
  'x-frame-options',
];

/** The names of the headers of a route that pass, in lower case. */
export interface AllowedHeaders {
  readonly request: ReadonlySet<string>;
  readonly response: ReadonlySet<string>;
}

/** Headers that an application may name in addition. */
export interface AddedHeaders {
  /**
   * Further request headers that are sent on to the API. The default list has what browsers and
   * HTTP libraries need; a header that the application has invented must be named. An API that
   * trusts one of them must not trust it as an identity: the client decides what it says.
   */
  readonly requestHeaders?: readonly string[] | undefined;
  /** Further response headers that are sent on to the client. */
  readonly responseHeaders?: readonly string[] | undefined;
}

const nameForm = /^[a-z\d][a-z\d-]{0,63}$/;

/** Credentials and framing: the proxy writes them itself, or nobody may. */
const neverUp: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'cookie2',
  'dpop',
  'expect',
  'host',
]);

/** Cookies and CORS of the proxy's own origin, and the nonce of its own proofs. */
const neverDown = (name: string): boolean =>
  name === 'set-cookie' ||
  name === 'set-cookie2' ||
  name === 'dpop-nonce' ||
  name.startsWith('access-control-');

/**
 * Returns the names that pass: the default ones and those that the application has added.
 *
 * @param added of the proxy and of the route, each with the prefix of its option names
 * @param ownHeader the header that the proxy itself writes, in lower case
 * @throws ConfigurationError
 */
export const createAllowedHeaders = (
  added: readonly (readonly [string, AddedHeaders])[],
  isDocument: boolean,
  ownHeader: string | null,
): AllowedHeaders => {
  const request = new Set(requestNames);
  const response = new Set([...responseNames, ...(isDocument ? documentNames : [])]);
  for (const [prefix, { requestHeaders = [], responseHeaders = [] }] of added) {
    const isRefusedUp = (name: string): boolean => neverUp.has(name) || name === ownHeader;
    for (const name of validateNames(`${prefix}requestHeaders`, requestHeaders, isRefusedUp)) {
      request.add(name);
    }
    for (const name of validateNames(`${prefix}responseHeaders`, responseHeaders, neverDown)) {
      response.add(name);
    }
  }
  if (ownHeader !== null) request.delete(ownHeader);
  return { request, response };
};

const validateNames = (
  option: string,
  names: readonly string[],
  isRefused: (name: string) => boolean,
): readonly string[] => {
  if (!Array.isArray(names)) throw new ConfigurationError(option, 'must be an array of names');
  return names.map((name: unknown) => {
    const lower = typeof name === 'string' ? name.toLowerCase() : '';
    if (!nameForm.test(lower)) throw new ConfigurationError(option, 'must be names of headers');
    if (isRefused(lower) || isHopByHop(lower)) {
      throw new ConfigurationError(option, `must not contain ${lower}`);
    }
    return lower;
  });
};
