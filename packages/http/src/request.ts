/** A header as the framework has it: a list if the client sent the same header several times. */
export type HeaderValue = string | readonly string[] | undefined;

/**
 * What Pawl reads of a request. A binding implements it as a view of its framework's own request:
 * nothing is copied, and nothing is read before it is needed.
 */
export interface HttpRequest {
  /** In upper case. */
  readonly method: string;
  /** The path of the URL as it was sent, percent-encoded, without the query. */
  readonly path: string;
  /** The query without its `?`; empty if there is none. */
  readonly query: string;
  /** The address of the socket's peer, never what a header claims. Undefined if it is unknown. */
  readonly remoteAddress: string | undefined;
  /**
   * The framework's own request. Two views with the same `source` count as one request, for example
   * in rate limits. Default: the view itself.
   */
  readonly source?: object | undefined;
  /**
   * Keeps the platform from stopping before some work is done that outlives the response. Default: as
   * `waitUntil` of `createSessions` and `createHttp` says.
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
  /**
   * Returns a header by its name in lower case. Duplicates must be visible: as a list, or joined
   * by `, ` as in the Fetch standard.
   */
  header(name: string): HeaderValue;
  /** Reads the body. Resolves to null as soon as it is longer than `limit` bytes. */
  body(limit: number): Promise<Uint8Array | null>;
}

/** Returns all lines of a header; an empty list if it is missing. */
export const headerLines = (
  request: Pick<HttpRequest, 'header'>,
  name: string,
): readonly string[] => {
  const value = request.header(name);
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
};

/**
 * Returns a header that may be sent only once. Several lines are joined, which no reader of such a
 * header accepts.
 */
export const singleHeader = (request: HttpRequest, name: string): string | undefined => {
  const value = request.header(name);
  return value === undefined || typeof value === 'string' ? value : value.join(', ');
};

/** Returns whether a method changes nothing (RFC 9110 § 9.2.1). TRACE is left out on purpose. */
export const isSafeMethod = (method: string): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
