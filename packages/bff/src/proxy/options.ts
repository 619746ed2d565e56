import type { SecureContextOptions } from 'node:tls';
import type { Clock, Sessions } from '@pawl/core';
import type { SessionStore } from '@pawl/core/store';
import type { Guard, HttpRequest } from '@pawl/http';
import type { UpstreamTokenSource } from '../upstream/upstream-token.ts';
import type { ProxyEventListener } from './events.ts';
import type { AddedHeaders } from './headers/allowed-headers.ts';

/** One entry of the proxy's allowlist: which requests go to which API. */
export interface ProxyRoute extends AddedHeaders {
  /**
   * The path prefix, in whole segments: `/api` matches `/api` and `/api/notes`, not `/apis`. If
   * several routes match, the longest prefix wins.
   */
  readonly path: string;
  /** The allowed methods, in upper case. Others get 405. CONNECT and TRACE are not supported. */
  readonly methods: readonly string[];
  /**
   * The origin of the API, and a path that replaces the prefix. With
   * `https://api.example.com/v1`, `/api/notes` becomes `/v1/notes`.
   */
  readonly target: string;
  /**
   * Changes the path after the prefix. It receives a normalized path and must return one. Default:
   * the path stays as it is.
   */
  readonly rewrite?: ((path: string) => string) | undefined;
  /** Whether the route needs no session. Then no token is sent. Default false. */
  readonly public?: boolean | undefined;
  /** Whether WebSockets may be opened. Requires GET among the methods. Default false. */
  readonly webSocket?: boolean | undefined;
  /**
   * Whether the responses are pages of this service, which may run scripts on its origin and use its
   * session. Default false: what is opened as a page is sandboxed (`Content-Security-Policy`).
   */
  readonly document?: boolean | undefined;
  /** In ms: the timeout of a whole exchange, streams included. Default: the proxy's. */
  readonly timeout?: number | undefined;
  /** In bytes: the maximum size of a request body. Default: the proxy's. */
  readonly bodyLimit?: number | undefined;
}

/** Options of {@link createProxy}. `routes`, `guard`, `tokens` and `sessions` are required. */
export interface ProxyOptions extends AddedHeaders {
  /** The allowlist. A request that matches no route is not handled. */
  readonly routes: readonly ProxyRoute[];
  /** Decides which requests may pass: `bff.http.guard()`. */
  readonly guard: Guard<unknown, unknown>;
  /** Where upstream tokens come from: `bff.upstream`. */
  readonly tokens: UpstreamTokenSource;
  /** Used to check the sessions of open streams and WebSockets: `bff.sessions`. */
  readonly sessions: Pick<Sessions<unknown, unknown>, 'get'>;
  /**
   * The `sessions` part of the store. If it has a feed of revocations, streams and WebSockets end
   * as soon as their session is revoked. Default: they end at the next check.
   */
  readonly feed?: Pick<SessionStore, 'subscribe'> | undefined;
  /**
   * In ms: how often the sessions of open streams and WebSockets are checked. Default 30,000;
   * 1,000 to 3,600,000.
   */
  readonly recheckInterval?: number | undefined;
  /** The header that tells the API the client's address; `false` for none. Default `x-forwarded-for`. */
  readonly addressHeader?: string | false | undefined;
  /** Returns the client's address. Default: the peer of the socket, whatever the headers say. */
  readonly clientAddress?: ((request: HttpRequest) => string | undefined) | undefined;
  /** In ms: the timeout of a whole exchange. Default 60,000. With `Infinity` only `idleTimeout` applies. */
  readonly timeout?: number | undefined;
  /** In ms: how long the API may send no data; not for open WebSockets. Default 30,000. */
  readonly idleTimeout?: number | undefined;
  /** In ms: the timeout for a connection to the API. Default 5,000. */
  readonly connectTimeout?: number | undefined;
  /** In bytes: the maximum size of a request body. Default 10 MiB. */
  readonly bodyLimit?: number | undefined;
  /** In bytes: the maximum size of a response body. Default 100 MiB. */
  readonly responseLimit?: number | undefined;
  /**
   * In ms: how long a client may send nothing of a body (408), or read nothing of a response, which is
   * then cut off. Of a body over 64 KiB, 8 KiB must arrive in this time. Default 20,000; 100 to
   * 3,600,000.
   */
  readonly clientTimeout?: number | undefined;
  /** In ms: how long a request waits for a connection to the API (503). Default 10,000. */
  readonly queueTimeout?: number | undefined;
  /**
   * The maximum number of connections to one API for requests of sessions, WebSockets not included.
   * Default 128.
   */
  readonly maxConnections?: number | undefined;
  /** The maximum number of connections to one API for public routes. Default: a quarter of `maxConnections`. */
  readonly maxPublicConnections?: number | undefined;
  /**
   * The maximum number of connections to one API that carry request bodies over 64 KiB (503 if there
   * is none within `queueTimeout`). Default: a quarter of `maxConnections`; at most that. Public routes
   * use at most half of their connections for them.
   */
  readonly maxUploads?: number | undefined;
  /**
   * How many requests of one session may be in progress, streams included, from when their body, or
   * its first 64 KiB, is read: four times as many bodies are read at once. More requests wait for up
   * to 5 seconds (429). As many WebSockets may be open besides. Default 24, or half of
   * `maxConnections` if that is less; at most `maxConnections`.
   */
  readonly maxPerSession?: number | undefined;
  /**
   * How many requests of one client address (for IPv6: of one /64) may be in progress. Public routes
   * are counted apart, and a client gets at most half of their connections. Default 64, or half of
   * `maxConnections` if that is less; at most `maxConnections`.
   */
  readonly maxPerClient?: number | undefined;
  /** For an API with its own certificate authority, or one that demands a client certificate. */
  readonly tls?: Pick<SecureContextOptions, 'ca' | 'cert' | 'key' | 'passphrase'> | undefined;
  /** Called for failures, refusals and closed WebSockets. */
  readonly onEvent?: ProxyEventListener | undefined;
  /** Returns the time in ms since the epoch. Default: the machine's clock. */
  readonly clock?: Clock | undefined;
}
