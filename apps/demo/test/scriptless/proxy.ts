import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request and, once there is one, its response, as the proxy sees them. */
export interface Exchange {
  readonly path: string;
  /** The `Cookie` header. */
  readonly cookie: string;
  status: number;
  /** The values of the session cookies that the response sets. */
  successors: readonly string[];
  cacheControl: string | undefined;
  /** Resolves when the response has been sent, or lost. */
  readonly delivered: Promise<unknown>;
}

/** What happens to messages on their way. By default they pass. */
export interface Network {
  /** The request is forwarded once this has resolved. */
  onRequest?: (exchange: Exchange) => Promise<void>;
  /** The response is delivered once this has resolved; false: it is lost, the connection closes. */
  onResponse?: (exchange: Exchange) => Promise<boolean>;
}

/** A proxy between a browser and the service, over a network that a test controls. */
export interface Proxy extends AsyncDisposable {
  /** The addresses of the service, as browsers see it. All of them share one jar of cookies. */
  readonly origins: readonly [string, ...string[]];
  /** The port of the service. */
  target: number;
  network: Network;
  /** All exchanges so far, in the order of their requests. */
  readonly exchanges: Exchange[];
}

/** @param count how many ports it listens on: a browser opens six connections to each */
export const startProxy = async (count = 1): Promise<Proxy> => {
  const proxy = { target: 0, network: {} as Network, exchanges: [] as Exchange[] };

  const forward = async (incoming: IncomingMessage): Promise<[IncomingMessage, Buffer]> => {
    const { method, url: path, headers } = incoming;
    const upstream = request({ port: proxy.target, method, path, headers, agent: false });
    upstream.end(await buffer(incoming));
    const [answer] = (await once(upstream, 'response')) as [IncomingMessage];
    return [answer, await buffer(answer)];
  };

  const createListener = (): Server =>
    createServer((incoming, outgoing) => {
      const { url: path = '', headers } = incoming;
      const exchange: Exchange = {
        path,
        cookie: headers.cookie ?? '',
        status: 0,
        successors: [],
        cacheControl: undefined,
        delivered: once(outgoing, 'close'),
      };
      proxy.exchanges.push(exchange);
      const serve = async (): Promise<void> => {
        await proxy.network.onRequest?.(exchange);
        const [answer, body] = await forward(incoming);
        exchange.status = answer.statusCode ?? 0;
        exchange.successors = successorsIn(answer);
        exchange.cacheControl = answer.headers['cache-control'];
        if ((await proxy.network.onResponse?.(exchange)) === false) {
          incoming.socket.destroy();
          return;
        }
        const { connection: _, 'transfer-encoding': __, ...kept } = answer.headers;
        // A new connection for each request: a browser repeats what was lost on one that it reused.
        outgoing.writeHead(exchange.status, { ...kept, connection: 'close' }).end(body);
      };
      serve().catch(() => incoming.socket.destroy());
    });

  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createListener().listen(0);
      await once(server, 'listening');
      return server;
    }),
  );
  const origins = servers.map(
    (server) => `http://localhost:${(server.address() as AddressInfo).port}`,
  );
  return Object.assign(proxy, {
    origins: origins as unknown as Proxy['origins'],
    [Symbol.asyncDispose]: async () => {
      for (const server of servers) server.close().closeAllConnections();
    },
  });
};

const successorsIn = ({ headers }: IncomingMessage): string[] =>
  (headers['set-cookie'] ?? []).flatMap((one) => /^session=([^;]+)/.exec(one)?.[1] ?? []);

/** Holds messages back until `count` of them have arrived, or until it is opened. */
export class Gate {
  readonly #count: number;
  readonly #opened = Promise.withResolvers<void>();
  readonly #arrived = Promise.withResolvers<void>();
  #waiting = 0;

  /** @param count default: only `open` opens it */
  constructor(count: number = Infinity) {
    this.#count = count;
  }

  /** Resolves when the first message has arrived. */
  get arrived(): Promise<void> {
    return this.#arrived.promise;
  }

  pass(): Promise<void> {
    this.#arrived.resolve();
    if (++this.#waiting >= this.#count) this.open();
    return this.#opened.promise;
  }

  open(): void {
    this.#opened.resolve();
  }
}
