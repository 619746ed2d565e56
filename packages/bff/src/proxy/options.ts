import type { SecureContextOptions } from 'node:tls';
import type { Clock, Sessions } from '@pawl/core';
import type { SessionStore } from '@pawl/core/store';
import type { Guard, HttpRequest } from '@pawl/http';
import type { UpstreamTokenSource } from '../upstream/upstream-token.ts';
import type { ProxyEventListener } from './events.ts';

/** One line of the allowlist: what may be asked of which API. */
export interface ProxyRoute {
  /**
   * The prefix, in whole segments: `/api` is for `/api` and `/api/notes`, not for
   * `/apis`. Of several that fit the longest counts.
   */
  readonly path: string;
  /** In upper case. Everything else is answered with 405. */
  readonly methods: readonly string[];
  /**
   * Where to: an origin, and a path that takes the place of the prefix. With
   * `https://api.example.com/v1`, `/api/notes` becomes `/v1/notes`.
   */
  readonly target: string;
  /** Changes the path that stands after the target's own. It gets, and must answer, a normal one. */
  readonly rewrite?: (path: string) => string;
  /** Whether no session is needed, and no token sent. Default no. */
  readonly public?: boolean;
  /** Whether WebSockets may be opened, with GET. Default no. */
  readonly webSocket?: boolean;
  /** In ms: the whole exchange, its streams included. Default: that of the proxy. */
  readonly timeout?: number;
  /** In bytes. Default: that of the proxy. */
  readonly bodyLimit?: number;
}

/** Everything that the proxy can be told. */
export interface ProxyOptions {
  readonly routes: readonly ProxyRoute[];
  /** Who may pass: what `guard()` of the BFF's `Http` returned. */
  readonly guard: Guard<unknown, unknown>;
  readonly tokens: UpstreamTokenSource;
  /** Asked whether the sessions of streams and sockets that stay open still live. */
  readonly sessions: Pick<Sessions<unknown, unknown>, 'get'>;
  /** The store's sessions: with a feed of revocations, streams and sockets end at once. */
  readonly feed?: Pick<SessionStore, 'subscribe'>;
  /** In ms: how often the sessions of open streams and sockets are looked at. Default 30,000. */
  readonly recheckInterval?: number;
  /** The one header that the API learns the client's address from; `false` for none. Default `x-forwarded-for`. */
  readonly addressHeader?: string | false;
  /** Who the client is. Default: the peer of the socket, whatever headers claim. */
  readonly clientAddress?: (request: HttpRequest) => string | undefined;
  /** In ms: a whole exchange. Default 60,000. `Infinity` leaves only `idleTimeout`. */
  readonly timeout?: number;
  /** In ms: how long nothing may come from the API; not for open WebSockets. Default 30,000. */
  readonly idleTimeout?: number;
  /** In ms. Default 5,000. */
  readonly connectTimeout?: number;
  /** In bytes, of a request. Default 10 MiB. */
  readonly bodyLimit?: number;
  /** In bytes, of a response. Default 100 MiB. */
  readonly responseLimit?: number;
  /** How many connections an API gets. Default 128. WebSockets have their own. */
  readonly maxConnections?: number;
  /** For an API with a certificate authority of its own, or one that wants a client certificate. */
  readonly tls?: Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'>;
  /** Hears of failures. */
  readonly onEvent?: ProxyEventListener;
  readonly clock?: Clock;
}
