/** A header as the framework has it: a list where the client sent the same header several times. */
export type HeaderValue = string | readonly string[] | undefined;

/**
 * What Pawl needs to see of a request. A binding gives it as a view of its
 * framework's own request: nothing is copied, and what is not asked for is not read.
 */
export interface HttpRequest {
  /** In upper case. */
  readonly method: string;
  /** The path of the URL as it was sent, without the query. */
  readonly path: string;
  /** The query without its `?`; empty where there is none. */
  readonly query: string;
  /** The peer of the socket, never what a header claims. */
  readonly remoteAddress: string | undefined;
  /** The framework's own request: two views of the same one are one request. Default: the view. */
  readonly source?: object | undefined;
  /**
   * A header by its name in lower case. Duplicates must show: as a list, or
   * joined by `, ` as the Fetch standard does it.
   */
  header(name: string): HeaderValue;
  /** Reads the body, or answers null as soon as it is longer than `limit` bytes. */
  body(limit: number): Promise<Uint8Array | null>;
}

/** All lines of a header. */
export const headerLines = (
  request: Pick<HttpRequest, 'header'>,
  name: string,
): readonly string[] => {
  const value = request.header(name);
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
};

/** A header that may be sent once: joined, two of them are no value that anything accepts. */
export const singleHeader = (request: HttpRequest, name: string): string | undefined => {
  const value = request.header(name);
  return value === undefined || typeof value === 'string' ? value : value.join(', ');
};

/** Methods that change nothing (RFC 9110 § 9.2.1). TRACE is not among them: nobody needs it. */
export const isSafeMethod = (method: string): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
