import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { type BffOptions, createBff } from '@pawl/bff';
import { createProxy, type ProxyEvent } from '@pawl/bff/proxy';
import { generateSecret } from '@pawl/core';
import { createPawl } from '@pawl/hono';
import { createMemoryStore } from '@pawl/memory';
import { Hono } from 'hono';
import type { Config, Places } from '../config.ts';
import { listen } from '../listen.ts';
import type { Client } from '../provider/provider.ts';
import { pageRoutes } from './page.ts';

type Options = BffOptions<Record<string, unknown>, Record<string, unknown>>;

/** Lets tests observe the BFF, and control its clock. */
export interface BffWatch extends Pick<Options, 'fetch' | 'clock'> {
  readonly onEvent?: (event: Parameters<NonNullable<Options['onEvent']>>[0] | ProxyEvent) => void;
}

/** Starts the Backend for Frontend: the page, its session, and the proxy to the API. */
export const startBff = async (
  config: Config,
  { origin, issuer, api }: Places,
  client: Client,
  watch: BffWatch,
): Promise<AsyncDisposable> => {
  await using started = new AsyncDisposableStack();
  const store = createMemoryStore(watch.clock && { clock: watch.clock });
  const bff = createBff({
    ...client,
    ...watch,
    issuer,
    origin,
    store,
    secrets: [generateSecret()],
    dpop: true,
    // `offline_access` requires the user's consent; `resource` names the audience (RFC 8707).
    authorizationParameters: { prompt: 'consent', resource: api },
  });
  started.defer(() => bff.close());
  const proxy = createProxy({
    guard: bff.http.guard(),
    tokens: bff.upstream,
    sessions: bff.sessions,
    feed: store.sessions,
    ...(watch.onEvent && { onEvent: watch.onEvent }),
    routes: [
      { path: '/api', methods: ['GET'], target: api },
      {
        path: '/live',
        methods: ['GET'],
        target: `${api}/echo`,
        webSocket: true,
        timeout: Infinity,
      },
    ],
  });

  const app = new Hono();
  app.route('/', createPawl(bff.http).routes());
  app.route('/', await pageRoutes(issuer));
  const listener = getRequestListener(app.fetch);
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      if (!(await proxy.handle(request, response))) await listener(request, response);
    } catch (error) {
      console.error(error);
      response.writeHead(500).end();
    }
  };
  const server = createServer((request, response) => void respond(request, response));
  server.on('upgrade', (request, socket, head) => {
    proxy.upgrade(request, socket, head).then(
      (isHandled) => isHandled || socket.destroy(),
      () => socket.destroy(),
    );
  });
  started.use(await listen(server, config.port, 'PORT'));
  started.defer(() => proxy.close());
  return started.move();
};
