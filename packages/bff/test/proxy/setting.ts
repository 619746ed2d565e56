import { createServer, type Server } from 'node:http';
import type { ServerOptions } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { createSessions, type PawlEvent, type Sessions, systemClock } from '@pawl/core';
import type { SessionStore } from '@pawl/core/store';
import { createHttp, type Http } from '@pawl/http';
import { createMemoryStore } from '@pawl/memory';
import { Agent, type Dispatcher, request } from 'undici';
import { inject } from 'vitest';
import type { ProxyEvent } from '../../src/proxy/events.ts';
import type { ProxyOptions, ProxyRoute } from '../../src/proxy/options.ts';
import { type ApiProxy, createProxy } from '../../src/proxy/proxy.ts';
import type {
  UpstreamToken,
  UpstreamTokenRequest,
  UpstreamTokenSource,
} from '../../src/upstream/upstream-token.ts';
import { applications } from './applications.ts';
import { startUpstream, type Upstream } from './upstream.ts';

export const upstreamToken = 'upstream-access-token-CANARY';
export const origin = 'http://localhost:8080';

export interface Setting {
  readonly upstream: Upstream;
  readonly url: string;
  readonly port: number;
  readonly proxy: ApiProxy;
  readonly server: Server;
  readonly sessions: Sessions<Record<string, unknown>, Record<string, unknown>>;
  readonly store: SessionStore;
  readonly http: Http<Record<string, unknown>, Record<string, unknown>>;
  readonly events: ProxyEvent[];
  readonly sessionEvents: PawlEvent[];
  /** The requests to the token source. */
  readonly asked: { sessionId: string; refused: UpstreamToken | undefined }[];
  /** What the proxy threw. A framework would respond with 500. */
  readonly thrown: unknown[];
  /** The number of requests in progress. */
  readonly underWay: () => number;
  /** Creates a session, and returns its cookie. */
  readonly logIn: (userId?: string) => Promise<{ sessionId: string; cookie: string }>;
  readonly send: (
    path: string,
    options?: Omit<Dispatcher.RequestOptions, 'origin' | 'path' | 'method'> & { method?: string },
  ) => Promise<Dispatcher.ResponseData>;
  /** Writes bytes and reads until the server closes. */
  readonly raw: (text: string) => Promise<string>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Options extends Partial<Omit<ProxyOptions, 'routes'>> {
  readonly token?: (request?: UpstreamTokenRequest) => UpstreamToken | Promise<UpstreamToken>;
  readonly routes?: (url: string) => readonly ProxyRoute[];
  readonly store?: SessionStore;
  /** In ms: of the guard. */
  readonly maxAuthAge?: number;
  /** Changes what the guard returns. */
  readonly wrapGuard?: (guard: ProxyOptions['guard']) => ProxyOptions['guard'];
  /** The TLS options of the API. Default: it speaks plain HTTP. */
  readonly upstreamTls?: ServerOptions;
}

const bearer: UpstreamToken = { accessToken: upstreamToken, tokenType: 'Bearer', expiresAt: null };

/** Starts the proxy and an API, on real sockets. */
export const setUp = async ({
  token = () => bearer,
  routes,
  clock = systemClock,
  store = createMemoryStore({ clock }).sessions,
  upstreamTls,
  maxAuthAge,
  wrapGuard = (guard) => guard,
  ...options
}: Options = {}): Promise<Setting> => {
  const upstream = await startUpstream(upstreamTls);
  const sessionEvents: PawlEvent[] = [];
  const sessions = createSessions({
    store: { sessions: store },
    secrets: ['a root secret of quite enough random bytes: 0123456789'],
    clock,
    onEvent: (event) => sessionEvents.push(event),
    // As the BFF creates them.
    accessTokenLifetime: Infinity,
  });
  const http = createHttp({ sessions, origin, clock, missingOrigin: 'deny' });
  const events: ProxyEvent[] = [];
  const asked: Setting['asked'] = [];
  const thrown: unknown[] = [];
  const tokens: UpstreamTokenSource = {
    getUpstreamToken: async (sessionId, asking) => {
      // The proxy must pass the session that the guard has read.
      if (!asking?.forceRefresh && asking?.auth?.session?.sessionId !== sessionId) {
        throw new Error('called without the session of the guard');
      }
      asked.push({ sessionId, refused: asking.forceRefresh });
      return token(asking);
    },
  };
  let proxy: ApiProxy;
  try {
    proxy = createProxy({
      guard: wrapGuard(http.guard(maxAuthAge === undefined ? {} : { maxAuthAge })),
      tokens,
      sessions,
      feed: store,
      clock,
      onEvent: (event) => events.push(event),
      ...options,
      routes: routes?.(upstream.url) ?? [
        {
          path: '/api',
          methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
          target: `${upstream.url}/v1`,
        },
        { path: '/open', methods: ['GET', 'POST'], target: upstream.url, public: true },
        { path: '/ws', methods: ['GET'], target: upstream.url, webSocket: true },
      ],
    });
  } catch (error) {
    await upstream.close();
    throw error;
  }
  let underWay = 0;
  const counted: ApiProxy = {
    ...proxy,
    handle: (incoming, response) => {
      underWay += 1;
      return proxy.handle(incoming, response).finally(() => {
        underWay -= 1;
      });
    },
  };
  const mount = applications[inject('proxyIn')];
  const server = createServer(await mount(counted, (error) => thrown.push(error)));
  server.on('upgrade', (incoming, socket, head) => {
    proxy.upgrade(incoming, socket, head).then(
      (handled) => handled || socket.destroy(),
      (error: unknown) => thrown.push(error),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const dispatcher = new Agent();
  return {
    upstream,
    url,
    port,
    proxy,
    server,
    sessions,
    store,
    http,
    events,
    sessionEvents,
    asked,
    thrown,
    underWay: () => underWay,
    logIn: async (userId = 'ann') => {
      const { refreshToken, sessionId } = await sessions.create({ userId });
      return { sessionId, cookie: `session=${refreshToken}` };
    },
    send: (path, { method = 'GET', ...rest } = {}) =>
      request(url + path, { dispatcher, method: method as Dispatcher.HttpMethod, ...rest }),
    raw: (text) =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        socket.on('data', (chunk) => chunks.push(chunk));
        socket.on('error', reject);
        socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
      }),
    [Symbol.asyncDispose]: async () => {
      await dispatcher.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await upstream.close();
      await proxy.close();
      await sessions.close();
    },
  };
};
