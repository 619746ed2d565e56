/** What the proxy has to tell a log. Nothing in it is a secret, a query or a path below the prefix. */
export interface ProxyEvent {
  readonly type: 'upstream.failed' | 'upstream.refused' | 'connection.ended';
  /** The prefix of the route. */
  readonly route: string;
  /** Failures: the answer's status; 0 where the answer had begun and was cut. */
  readonly status?: number;
  /** What happened, in a word: a code of Node or of undici. */
  readonly reason: string;
}

/** Hears of events. It cannot change what happens: what it throws is reported and dropped. */
export type ProxyEventListener = (event: ProxyEvent) => void;

export const createProxyEmitter =
  (listener: ProxyEventListener | undefined): ProxyEventListener =>
  (event) => {
    try {
      listener?.(event);
    } catch (error) {
      console.error('pawl: an event listener threw', error);
    }
  };
