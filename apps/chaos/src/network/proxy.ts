import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Stoppable } from '@pawl/servers';
import { type Chance, createChance } from '../chance.ts';
import { pause } from '../pause.ts';

/** What happens to the traffic; each share is that of the replies, or of the connections. */
export interface Weather {
  /** The share of replies that never arrive: the connection ends instead. */
  readonly cutReplies: number;
  /** The share of replies after which nothing comes through any more, on an open connection. */
  readonly stallReplies: number;
  /** The share of connections that are reset at once. */
  readonly resetConnections: number;
  /** In ms: the longest delay of a reply. */
  readonly latency: number;
}

const fairWeather: Weather = {
  cutReplies: 0,
  stallReplies: 0,
  resetConnections: 0,
  latency: 0,
};

/** A TCP proxy on 127.0.0.1 that loses what the server has answered. */
export class Proxy implements Stoppable {
  readonly port: number;
  weather: Weather = fairWeather;
  cuts = 0;
  stalls = 0;
  resets = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static start(target: number, seed: number): Promise<Proxy> {
    const chance = createChance(seed);
    return new Promise((resolve, reject) => {
      const server = createServer({ noDelay: true });
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        const port = typeof address === 'object' && address ? address.port : 0;
        const proxy = new Proxy(server, port);
        server.on('connection', (client) => proxy.#carry(client, target, chance));
        resolve(proxy);
      });
    });
  }

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((closed) => this.#server.close(closed));
  }

  #carry(client: Socket, target: number, chance: Chance): void {
    if (chance() < this.weather.resetConnections) {
      this.resets += 1;
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true });
    const end = (): void => {
      for (const socket of [client, server]) {
        this.#sockets.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', end);
      socket.on('close', end);
    }
    let last = Promise.resolve();
    let stalled = false;
    client.on('data', (request) => server.write(request));
    server.on('data', (reply) => {
      const { cutReplies, stallReplies, latency } = this.weather;
      const lot = chance();
      if (lot < cutReplies) {
        this.cuts += 1;
        end();
      } else if (lot < cutReplies + stallReplies) {
        if (!stalled) this.stalls += 1;
        stalled = true;
      }
      if (stalled) return;
      if (latency === 0) client.write(reply);
      else last = last.then(() => pause(chance() * latency)).then(() => void client.write(reply));
    });
  }
}
