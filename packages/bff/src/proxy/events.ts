/**
 * An event of the proxy, for a log. It holds no secret, no query and no path below the prefix of
 * the route.
 */
export interface ProxyEvent {
  /** When it happened, in ms since the epoch. */
  readonly at: number;
  /**
   * - `upstream.failed`: a request to an API failed with a status of 500 or more;
   * - `upstream.refused`: an API refused the token or its proof, and the request is sent again;
   * - `connection.ended`: the proxy closed an open WebSocket, or a stream whose token or step-up
   *   has expired;
   * - `client.limited`: a client was too slow (408), or it, or all clients together, had too many
   *   requests in progress (429, 503);
   * - `client.unknown`: a request came through another proxy, and the option `clientAddress` is
   *   missing or does not know the client. Such requests are not counted per client. Once per proxy.
   */
  readonly type:
    | 'upstream.failed'
    | 'upstream.refused'
    | 'connection.ended'
    | 'client.limited'
    | 'client.unknown';
  /** The prefix of the route; empty for `client.unknown`. */
  readonly route: string;
  /**
   * For `upstream.failed` and `client.limited`: the status of the response; 0 if a response was cut
   * off.
   */
  readonly status?: number;
  /** An error code of Node or undici, or a reason of the proxy, such as `timeout`. */
  readonly reason: string;
}

/**
 * Called for every event. Errors it throws, and the rejection of a promise it returns, are logged
 * with `console.error` and otherwise ignored.
 */
export type ProxyEventListener = (event: ProxyEvent) => unknown;
