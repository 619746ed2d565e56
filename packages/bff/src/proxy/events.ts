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
   * - `connection.ended`: the proxy closed an open WebSocket.
   */
  readonly type: 'upstream.failed' | 'upstream.refused' | 'connection.ended';
  /** The prefix of the route. */
  readonly route: string;
  /** For `upstream.failed`: the status of the response; 0 if a response was cut off. */
  readonly status?: number;
  /** An error code of Node or undici, or a reason of the proxy, such as `timeout`. */
  readonly reason: string;
}

/**
 * Called for every event. Errors it throws, and the rejection of a promise it returns, are logged
 * with `console.error` and otherwise ignored.
 */
export type ProxyEventListener = (event: ProxyEvent) => unknown;
