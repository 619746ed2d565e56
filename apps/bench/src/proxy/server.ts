/** The process of one party of the proxy's benchmark: the API, or a proxy in front of it. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createProxy } from '@pawl/bff/proxy';
import { createSessions } from '@pawl/core';
import { createHttp } from '@pawl/http';
import { createMemoryStore } from '@pawl/memory';
import { type Dispatcher, Pool } from 'undici';

const [kind, upstream = ''] = process.argv.slice(2);

export type Kind = 'api' | 'bare' | 'documented' | 'public' | 'pawl';

/** What a party sends when it is ready. */
export interface Ready {
  readonly port: number;
  readonly cookie: string;
}

const origin = 'http://localhost:8080';
let cookie = '';

const api = (): RequestListener => {
  const small = Buffer.from(JSON.stringify({ notes: 'x'.repeat(1_000) }));
  const large = Buffer.alloc(262_144, 'x');
  return (request, response) => {
    const body = request.url === '/v1/large' ? large : small;
    const respond = (): void => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': body.length,
        etag: '"1"',
      });
      response.end(body);
    };
    if (request.method === 'GET') return respond();
    request.on('end', respond).resume();
  };
};

/** A minimal reverse proxy: no check, no filter, no limit, and undici's fastest API. */
const bare = (): RequestListener => {
  const pool = new Pool(upstream, { connections: 128 });
  return (request, response) => {
    const { host: _, connection: __, ...headers } = request.headers;
    pool.dispatch(
      {
        path: `/v1${request.url?.slice('/api'.length)}`,
        method: request.method as Dispatcher.HttpMethod,
        headers,
        body: request.method === 'GET' ? null : request,
      },
      {
        onRequestStart: () => {},
        onResponseStart: (controller, status, received) => {
          const { connection: ___, ...rest } = received;
          response.writeHead(status, rest as Record<string, string>);
          response.on('drain', () => controller.resume());
        },
        onResponseData: (controller, chunk) => {
          if (!response.write(chunk)) controller.pause();
        },
        onResponseEnd: () => void response.end(),
        onResponseError: () => void response.destroy(),
      },
    );
  };
};

/** The same with undici's `request`, as in its documentation. */
const documented = (): RequestListener => {
  const pool = new Pool(upstream, { connections: 128 });
  return (request, response) => {
    const { host: _, connection: __, ...headers } = request.headers;
    pool
      .request({
        path: `/v1${request.url?.slice('/api'.length)}`,
        method: request.method as Dispatcher.HttpMethod,
        headers,
        body: request.method === 'GET' ? null : request,
      })
      .then(({ statusCode, headers: { connection: ___, ...received }, body }) => {
        response.writeHead(statusCode, received);
        body.pipe(response);
      })
      .catch(() => response.destroy());
  };
};

/**
 * Pawl's proxy with everything that it does. Each request reads the session from the store and
 * adds its token; a public route does everything except that.
 */
const pawl = async (isPublic: boolean): Promise<RequestListener> => {
  const store = createMemoryStore();
  const sessions = createSessions({
    store,
    secrets: ['a root secret of quite enough random bytes: 0123456789'],
  });
  const http = createHttp({ sessions, origin });
  const { accessToken } = await sessions.create({ userId: 'ann' });
  cookie = `access_token=${accessToken}`;
  const token = { accessToken: 'x'.repeat(300), tokenType: 'Bearer', expiresAt: null } as const;
  const proxy = createProxy({
    guard: http.guard(),
    tokens: { getUpstreamToken: async () => token },
    sessions,
    feed: store.sessions,
    routes: [
      {
        path: '/api',
        methods: ['GET', 'POST'],
        target: `${upstream}/v1`,
        public: isPublic,
      },
    ],
  });
  return (request, response) => {
    proxy.handle(request, response).catch(() => response.destroy());
  };
};

const listeners: Readonly<Record<Kind, () => RequestListener | Promise<RequestListener>>> = {
  api,
  bare,
  documented,
  public: () => pawl(true),
  pawl: () => pawl(false),
};
const server = createServer(await listeners[kind as Kind]());
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ port, cookie } satisfies Ready);
});
process.on('message', () => process.send?.(process.cpuUsage()));
process.on('disconnect', () => process.exit());
